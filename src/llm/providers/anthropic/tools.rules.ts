import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import type { Tool } from '@anthropic-ai/sdk/resources/messages';
import type { ToolDefinition } from '../../prompt-layout.js';
import { wireSchemaOf } from './tool-schema.rules.js';

type Json = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 128;
/** What the strict tools of a request may have between them, by the API's page on structured outputs; above it the request is refused. */
const MOST_STRICT = { tools: 20, optional: 24, unions: 16 };

/** Keywords by which a schema says what a strict one cannot: without them it would mean something else. */
const NEVER_STRICT = new Set([
  '$ref',
  '$defs',
  'definitions',
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'prefixItems',
  'contains',
]);

interface Weight {
  readonly optional: number;
  readonly unions: number;
}

/**
 * The tools as the API takes them. Each is strict whose schema can be said strictly, in their order and as many as a request may
 * have; of the others the model is told all the same, and what it asks for is validated before it runs either way.
 */
export function wireToolsOf(tools: readonly ToolDefinition[]): Tool[] {
  const names = wireNamesOf(tools.map(({ name }) => name));
  const used = { tools: 0, optional: 0, unions: 0 };
  return tools.map(({ name, description, inputSchema }) => {
    const { schema, words } = wireSchemaOf(inputSchema);
    const wire = { name: names.get(name) ?? name, description: `${description}${words}` };
    const weight = words === '' ? weightOf(inputSchema as Json) : undefined;
    const isStrict =
      weight !== undefined &&
      used.tools < MOST_STRICT.tools &&
      used.optional + weight.optional <= MOST_STRICT.optional &&
      used.unions + weight.unions <= MOST_STRICT.unions;
    if (!isStrict) return { ...wire, input_schema: schema as Tool.InputSchema };
    used.tools += 1;
    used.optional += weight.optional;
    used.unions += weight.unions;
    return { ...wire, strict: true, input_schema: strictSchemaOf(inputSchema) };
  });
}

/** Names as the API takes them, by ours: `server.tool` becomes `server_tool`, and the later of two that would be alike gets a number. */
export function wireNamesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const unchanged = names.filter((name) => name === plainName(name));
  const taken = new Set(unchanged);
  const wire = new Map(unchanged.map((name) => [name, name]));
  for (const name of names) {
    if (wire.has(name)) continue;
    const plain = plainName(name);
    let free = plain;
    for (let number = 2; taken.has(free); number += 1) {
      const ending = `_${number}`;
      free = `${plain.slice(0, LONGEST_NAME - ending.length)}${ending}`;
    }
    taken.add(free);
    wire.set(name, free);
  }
  return wire;
}

/** Ours for the names of the API; one that is none of these tools' stays as it is. */
export function ownNameOf(tools: readonly ToolDefinition[]): (wireName: string) => string {
  const own = new Map([...wireNamesOf(tools.map(({ name }) => name))].map(([name, wire]) => [wire, name]));
  return (wireName) => own.get(wireName) ?? wireName;
}

/** A name that the API takes, for a call of a tool that is not offered any more. */
export const plainName = (name: string): string =>
  name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST_NAME) || '_';

/** The SDK rewrites what the API does not take (lengths, ranges, patterns) into descriptions. */
export function strictSchemaOf(schema: object): Tool.InputSchema {
  const { schema: accepted } = jsonSchemaOutputFormat(schema as { type: 'object' });
  return accepted as Tool.InputSchema;
}

/** How much of what a request may have the schema takes; undefined when it cannot be said strictly. */
function weightOf(schema: Json): Weight | undefined {
  if (schema.type !== 'object') return undefined;
  return weightOfNode(schema);
}

function weightOfNode(schema: unknown): Weight | undefined {
  if (!isObject(schema) || Object.keys(schema).some((key) => NEVER_STRICT.has(key))) return undefined;
  const { type, anyOf, enum: choices } = schema;
  if (Array.isArray(choices))
    return choices.length > 0 && choices.every(isPrimitive) ? { optional: 0, unions: 0 } : undefined;
  if ('const' in schema) return isPrimitive(schema.const) ? { optional: 0, unions: 0 } : undefined;
  if (Array.isArray(anyOf)) return sumOf([...anyOf.map(weightOfNode), { optional: 0, unions: 1 }]);
  if (Array.isArray(type)) {
    const isFlat = type.every((each) => each !== 'object' && each !== 'array');
    return isFlat ? { optional: 0, unions: 1 } : undefined;
  }
  if (type === 'array') return weightOfNode(schema.items);
  if (type === 'object') return weightOfObject(schema);
  return typeof type === 'string' ? { optional: 0, unions: 0 } : undefined;
}

function weightOfObject({ properties = {}, required = [], additionalProperties = false }: Json): Weight | undefined {
  if (additionalProperties !== false || !isObject(properties) || !Array.isArray(required)) return undefined;
  const optional = Object.keys(properties).filter((name) => !required.includes(name)).length;
  return sumOf([...Object.values(properties).map(weightOfNode), { optional, unions: 0 }]);
}

function sumOf(weights: readonly (Weight | undefined)[]): Weight | undefined {
  let [optional, unions] = [0, 0];
  for (const weight of weights) {
    if (weight === undefined) return undefined;
    optional += weight.optional;
    unions += weight.unions;
  }
  return { optional, unions };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPrimitive = (value: unknown): boolean => value === null || typeof value !== 'object';
