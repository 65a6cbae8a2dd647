import { oneLine, type Blot } from './blotting.rules.js';

/** A tool as its server describes it. Everything is the server's word. */
export interface ListedTool {
  readonly name: string;
  /** Bounded, one line, without the secrets the server was given. */
  readonly description: string;
  /** Not looked at yet. */
  readonly inputSchema: unknown;
  /** The server says that calling it twice does what calling it once does. */
  readonly saysRepeatable: boolean;
}

export interface Listing {
  readonly tools: readonly ListedTool[];
  /** Why others of the list are left out, one sentence each kind. */
  readonly warnings: readonly string[];
}

const MAX_TOOLS = 256;
const MAX_DESCRIPTION_LENGTH = 2_000;
/** Runs keep the name of their tool, with the server before it, in a column of this width. */
const MAX_FULL_NAME_LENGTH = 100;
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export const fullName = (server: string, tool: string): string => `${server}.${tool}`;

/** What of a server's list can be offered: the first of each name, with a name that can be called, not too many. */
export function readListing(server: string, entries: readonly unknown[], blot: Blot): Listing {
  const tools = new Map<string, ListedTool>();
  const seen = { unnamed: 0, twice: 0, surplus: 0 };
  for (const entry of entries) {
    const tool = readTool(entry, blot);
    if (tool === undefined || fullName(server, tool.name).length > MAX_FULL_NAME_LENGTH) seen.unnamed += 1;
    else if (tools.has(tool.name)) seen.twice += 1;
    else if (tools.size === MAX_TOOLS) seen.surplus += 1;
    else tools.set(tool.name, tool);
  }
  return { tools: [...tools.values()], warnings: warningsOf(seen) };
}

function warningsOf(seen: { readonly unnamed: number; readonly twice: number; readonly surplus: number }): string[] {
  const warnings: string[] = [];
  if (seen.unnamed > 0) warnings.push(`${seen.unnamed} of its tools have no name that can be used and are left out.`);
  if (seen.twice > 0) warnings.push(`${seen.twice} of its tools have the name of another and are left out.`);
  if (seen.surplus > 0) warnings.push(`It has more than ${MAX_TOOLS} tools; ${seen.surplus} are left out.`);
  return warnings;
}

function readTool(entry: unknown, blot: Blot): ListedTool | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { name, description, inputSchema, annotations } = entry as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !TOOL_NAME.test(name)) return undefined;
  return {
    name,
    description:
      typeof description === 'string'
        ? oneLine(blot(description.slice(0, MAX_DESCRIPTION_LENGTH * 4)), MAX_DESCRIPTION_LENGTH)
        : '',
    inputSchema,
    saysRepeatable: isHinted(annotations, 'readOnlyHint') || isHinted(annotations, 'idempotentHint'),
  };
}

const isHinted = (annotations: unknown, hint: string): boolean =>
  typeof annotations === 'object' &&
  annotations !== null &&
  (annotations as Readonly<Record<string, unknown>>)[hint] === true;
