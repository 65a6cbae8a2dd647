import { setImmediate as nextTurn } from 'node:timers/promises';
import type { McpServerConfig } from '../../config/mcp-server.js';
import { unacceptableIn } from '../../http/plain-json.rules.js';
import type { Blot } from './blotting.rules.js';
import { CheckedSchema } from './foreign-schema.js';
import { readListing, type ListedTool } from './listed-tools.rules.js';
import { McpTool, type McpCaller } from './mcp.tool.js';

/** For all schemas of one list: more is not spent on a server's schemas at a time. */
const MAX_COMPILE_MS = 2_000;

/** Makes tools of what a server lists. A schema that did not change is not compiled again. */
export class ToolFactory {
  private schemas = new Map<string, { readonly json: string; readonly checked: CheckedSchema }>();

  constructor(
    private readonly server: McpCaller,
    private readonly config: McpServerConfig,
    private readonly blot: Blot,
  ) {}

  /** @returns the tools, and what is to be said about the rest, one sentence each */
  async make(entries: readonly unknown[]): Promise<{ tools: McpTool[]; warnings: string[] }> {
    const listing = readListing(this.config.name, entries, this.blot);
    const tools: McpTool[] = [];
    const earlier = this.schemas;
    this.schemas = new Map();
    let spentMs = 0;
    for (const listed of listing.tools) {
      const startedAtMs = performance.now();
      tools.push(this.tool(listed, earlier, spentMs < MAX_COMPILE_MS));
      spentMs += performance.now() - startedAtMs;
      // Others have their turn between two schemas.
      await nextTurn();
    }
    return { tools, warnings: [...listing.warnings, ...this.unknownRisks(listing.tools)] };
  }

  private tool(listed: ListedTool, earlier: ToolFactory['schemas'], mayCompile: boolean): McpTool {
    const checked = this.schema(listed, earlier, mayCompile);
    const { risks, risk, timeoutSeconds } = this.config;
    const own = Object.hasOwn(risks, listed.name) ? (risks[listed.name] ?? risk) : risk;
    return new McpTool(
      this.server,
      listed,
      checked,
      own,
      timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
    );
  }

  private schema(
    { name, inputSchema }: ListedTool,
    earlier: ToolFactory['schemas'],
    mayCompile: boolean,
  ): CheckedSchema {
    // First of all: what is nested too deeply cannot be written as JSON again.
    if (unacceptableIn(inputSchema) !== undefined) return CheckedSchema.unusable('is not acceptable as JSON');
    const json = JSON.stringify(inputSchema ?? null);
    const known = earlier.get(name);
    if (known?.json !== json && !mayCompile) {
      return CheckedSchema.unusable('was not read, as those before it took too long');
    }
    const checked = known?.json === json ? known.checked : CheckedSchema.of(inputSchema, this.blot);
    if (checked.problem === undefined) this.schemas.set(name, { json, checked });
    return checked;
  }

  /** A misspelt name would leave a tool with a risk that nobody meant. */
  private unknownRisks(tools: readonly ListedTool[]): string[] {
    const unknown = Object.keys(this.config.risks).filter((name) => !tools.some((tool) => tool.name === name));
    return unknown.length === 0
      ? []
      : [`Its configuration gives risks to tools that it has not: ${unknown.join(', ')}.`];
  }
}
