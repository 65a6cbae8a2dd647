import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';
import { OUTSIDE_SCHEMAS } from '../../../http/outside-schemas.rules.js';
import type { ToolCall, ToolDefinition } from '../../prompt-layout.js';
import { elementsOf, subjectOf } from './elements.rules.js';
import { asList, asSchema, resolve, snakeCase, textIn, without, type Schema } from './schema.rules.js';
import { intentsIn, type Intent } from './tool-intent.rules.js';

interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The member that a tool for such a thing has. */
const MEMBERS: Readonly<Record<Intent['kind'], readonly string[]>> = {
  file: ['path', 'file_path', 'filename', 'file', 'directory'],
  command: ['command', 'cmd', 'argv'],
  url: ['url', 'uri'],
  query: ['query', 'q'],
  expression: ['expression'],
};
const LONGEST_ARGUMENTS = 20_000;
/** Between the name of a tool and its arguments. */
const NEAR = 80;

/** The calls that the prompt asks for and a tool fits; none when results of tools, or of earlier work, are already there. */
export function toolCallsFor(tools: readonly ToolDefinition[], prompt: string, seed: string): ToolCall[] {
  if (tools.length === 0 || elementsOf(['tool_result', 'result'], prompt).length > 0) return [];
  const request = subjectOf(prompt);
  const explicit = tools.flatMap((tool) => callByName(tool, request));
  const calls = explicit.length > 0 ? explicit : intentsIn(request).flatMap((intent) => firstFitting(tools, intent));
  return distinct(calls).map((call, index) => ({ id: idOf(seed, index), ...call }));
}

const idOf = (seed: string, index: number): string =>
  `toolu_offline_${createHash('sha256').update(`${index}:${seed}`).digest('hex').slice(0, 24)}`;

const distinct = (calls: readonly Call[]): Call[] => [
  ...new Map(calls.map((call) => [JSON.stringify(call), call])).values(),
];

/** `Call memory_search with {"query": "tea"}`: the tool by its name, its arguments as JSON. */
function callByName(tool: ToolDefinition, request: string): Call[] {
  const at = request.indexOf(tool.name);
  if (at < 0 || /[\w-]/.test(request.charAt(at - 1))) return [];
  const from = at + tool.name.length;
  const open = request.slice(from, from + NEAR).search(/^[^\w-]/) === 0 ? request.indexOf('{', from) : -1;
  if (open < 0 || open > from + NEAR) return [];
  const input = jsonAt(request.slice(open, open + LONGEST_ARGUMENTS));
  return input !== undefined && isValid(tool, input) ? [{ name: tool.name, input }] : [];
}

/** The JSON object that the text begins with. */
function jsonAt(text: string): Record<string, unknown> | undefined {
  let [depth, isText] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isText && character === '\\') at += 1;
    else if (character === '"') isText = !isText;
    else if (!isText && character === '{') depth += 1;
    else if (!isText && character === '}' && (depth -= 1) === 0) return parsed(text.slice(0, at + 1));
  }
  return undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function firstFitting(tools: readonly ToolDefinition[], intent: Intent): Call[] {
  for (const tool of tools) {
    const input = inputFor(tool, intent);
    if (input !== undefined && isValid(tool, input)) return [{ name: tool.name, input }];
  }
  return [];
}

/** The arguments of the intent that the tool has, and what else it requires where the schema itself says a value. */
function inputFor(tool: ToolDefinition, intent: Intent): Record<string, unknown> | undefined {
  const root = asSchema(tool.inputSchema);
  const schema = resolve(root, root);
  const members = Object.entries(asSchema(schema['properties'])).map(
    ([name, member]) => [name, resolve(asSchema(member), root)] as const,
  );
  const wanted = MEMBERS[intent.kind];
  const target = wanted.find((name) => members.some(([member]) => snakeCase(member) === name));
  if (target === undefined) return undefined;
  const operation = operationFor(tool, members, intent);
  if (operation === undefined) return undefined;
  const required = new Set(asList(schema['required']));
  const input: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const plain = snakeCase(name);
    const isOtherTarget = wanted.includes(plain) && plain !== target && !required.has(name);
    const value =
      name in operation
        ? operation[name]
        : isOtherTarget
          ? undefined
          : Object.hasOwn(intent.known, plain)
            ? intent.known[plain]
            : undefined;
    const filled = value ?? (required.has(name) ? ownValueOf(member) : undefined);
    if (filled !== undefined) input[name] = filled;
  }
  return input;
}

/** The member and value that say what to do with a file; nothing to say for a tool that does one thing, which its name must tell. */
function operationFor(
  tool: ToolDefinition,
  members: readonly (readonly [string, Schema])[],
  { kind, operations = [] }: Intent,
): Record<string, unknown> | undefined {
  if (kind !== 'file') return {};
  const [name, member] = members.find(([each]) => /^(?:operation|action|mode)$/.test(snakeCase(each))) ?? [];
  if (name === undefined || member === undefined) {
    const words = snakeCase(tool.name).split('_');
    return operations.some((operation) => words.includes(operation)) ? {} : undefined;
  }
  const choices = asList(member['enum']);
  const operation = operations.find((each) => choices.length === 0 || choices.includes(each));
  return operation === undefined ? undefined : { [name]: operation };
}

function ownValueOf(member: Schema): unknown {
  if ('default' in member) return member['default'];
  if ('const' in member) return member['const'];
  const [only, ...others] = asList(member['enum']);
  if (only !== undefined && others.length === 0) return only;
  return textIn(member, 'type') === 'boolean' ? false : undefined;
}

function isValid({ inputSchema }: ToolDefinition, input: unknown): boolean {
  try {
    const ajv = new Ajv(OUTSIDE_SCHEMAS);
    // A newer draft's name is nothing that this validator knows; what tools use of it is the same.
    return ajv.validate(without(asSchema(inputSchema), '$schema', '$id'), input);
  } catch {
    return false;
  }
}
