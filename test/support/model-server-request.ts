import { createHash } from 'node:crypto';
import { checkStrictLimits, checkToolTurns } from './model-server-tools.js';

export type Json = Record<string, unknown>;

export interface CacheControl {
  type: 'ephemeral';
  ttl?: '5m' | '1h';
}

export interface Block extends Json {
  type: string;
  text?: string;
  cache_control?: CacheControl | null;
}

export interface ToolDefinition extends Json {
  name: string;
  input_schema?: Json;
  cache_control?: CacheControl | null;
}

/** The body of `POST /v1/messages`, after `readMessagesRequest` has checked it. */
export interface MessagesRequest {
  model: string;
  maxTokens: number;
  stream: boolean;
  system: Block[];
  messages: { role: string; content: Block[] }[];
  tools: ToolDefinition[];
  toolChoice: Json | undefined;
  /** The JSON Schema of `output_config.format`. */
  schema: Json | undefined;
  cacheControl: CacheControl | undefined;
  stopSequences: string[];
}

/** A request the API would answer with 400. */
export class RefusedRequest extends Error {}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const blocksOf = (content: unknown, where: string): Block[] => {
  if (typeof content === 'string') {
    if (content === '') throw new RefusedRequest(`${where}: text content blocks must be non-empty`);
    return [{ type: 'text', text: content }];
  }
  if (!Array.isArray(content)) throw new RefusedRequest(`${where}: expected a string or a list of blocks`);
  return content.map((block: unknown, index) => {
    if (!isObject(block) || typeof block.type !== 'string')
      throw new RefusedRequest(`${where}.${index}: expected a block`);
    if (block.type === 'text' && (typeof block.text !== 'string' || block.text === ''))
      throw new RefusedRequest(`${where}.${index}: text content blocks must be non-empty`);
    return block as Block;
  });
};

const messagesOf = (messages: unknown): MessagesRequest['messages'] => {
  if (!Array.isArray(messages) || messages.length === 0)
    throw new RefusedRequest('messages: at least one message is required');
  return messages.map((message: unknown, index) => {
    if (!isObject(message) || (message.role !== 'user' && message.role !== 'assistant'))
      throw new RefusedRequest(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    return { role: message.role, content: blocksOf(message.content, `messages.${index}.content`) };
  });
};

/** What the API checks of each tool; one that fails has the whole request refused. */
const checkToolSchema = (schema: unknown, where: string): void => {
  if (!isObject(schema)) return;
  if (['oneOf', 'allOf', 'anyOf'].some((keyword) => keyword in schema))
    throw new RefusedRequest(`${where}: input_schema does not support oneOf, allOf, or anyOf at the top level`);
  const { properties } = schema;
  if (isObject(properties) && !Object.keys(properties).every((name) => /^[a-zA-Z0-9_.-]{1,64}$/.test(name)))
    throw new RefusedRequest(`${where}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`);
};

const toolsOf = (tools: unknown): ToolDefinition[] => {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw new RefusedRequest('tools: expected a list');
  return tools.map((tool: unknown, index) => {
    if (!isObject(tool) || typeof tool.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
      throw new RefusedRequest(`tools.${index}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    checkToolSchema(tool.input_schema, `tools.${index}.custom.input_schema`);
    if (tool.strict === true && isObject(tool.input_schema)) checkSchema(tool.input_schema, `tools.${index}`);
    return tool as ToolDefinition;
  });
};

const UNSUPPORTED_KEYWORDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
];

/** The subset of JSON Schema that structured outputs take: closed objects, no ranges, no lengths. */
const checkSchema = (schema: Json, where: string): void => {
  for (const keyword of UNSUPPORTED_KEYWORDS)
    if (keyword in schema)
      throw new RefusedRequest(`${where}: For '${String(schema.type)}' type, property '${keyword}' is not supported`);
  if (typeof schema.minItems === 'number' && schema.minItems > 1)
    throw new RefusedRequest(`${where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported`);
  if (schema.type === 'object' && schema.additionalProperties !== false)
    throw new RefusedRequest(
      `${where}: For 'object' type, 'additionalProperties' must be explicitly set to false in the schema`,
    );
  for (const group of [schema.properties, schema.$defs])
    if (isObject(group))
      for (const [name, child] of Object.entries(group)) if (isObject(child)) checkSchema(child, `${where}.${name}`);
  const children = [schema.items, ...[schema.anyOf, schema.oneOf, schema.allOf].flat()];
  for (const child of children) if (isObject(child)) checkSchema(child, where);
};

const schemaOf = (outputConfig: unknown): Json | undefined => {
  if (!isObject(outputConfig) || !isObject(outputConfig.format)) return undefined;
  const { type, schema } = outputConfig.format;
  if (type !== 'json_schema' || !isObject(schema))
    throw new RefusedRequest('output_config.format: expected {type: "json_schema", schema}');
  checkSchema(schema, 'output_config.format.schema');
  return schema;
};

const countBreakpoints = (request: MessagesRequest): number =>
  [request.tools, request.system, ...request.messages.map((message) => message.content)]
    .flat()
    .filter((part) => part.cache_control).length + (request.cacheControl ? 1 : 0);

/** How JSON has half a character. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Checks what the API checks. `withMaxTokens` is false for `count_tokens`. */
export const readMessagesRequest = (body: unknown, withMaxTokens: boolean): MessagesRequest => {
  if (!isObject(body)) throw new RefusedRequest('The request body is not a JSON object');
  if (LONE_SURROGATE.test(JSON.stringify(body)))
    throw new RefusedRequest('The request body is not valid JSON: no low surrogate in string');
  if (typeof body.model !== 'string' || body.model === '') throw new RefusedRequest('model: Field required');
  for (const parameter of ['temperature', 'top_p', 'top_k'])
    if (body[parameter] !== undefined) throw new RefusedRequest(`${parameter}: not supported by this API version`);
  const maxTokens = withMaxTokens ? body.max_tokens : 1;
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1)
    throw new RefusedRequest('max_tokens: Input should be greater than or equal to 1');
  const request: MessagesRequest = {
    model: body.model,
    maxTokens,
    stream: body.stream === true,
    system: body.system === undefined || body.system === null ? [] : blocksOf(body.system, 'system'),
    messages: messagesOf(body.messages),
    tools: toolsOf(body.tools),
    toolChoice: isObject(body.tool_choice) ? body.tool_choice : undefined,
    schema: schemaOf(body.output_config),
    cacheControl: isObject(body.cache_control) ? (body.cache_control as unknown as CacheControl) : undefined,
    stopSequences: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(String) : [],
  };
  checkToolTurns(request.messages, request.tools.length > 0);
  checkStrictLimits(request.tools);
  if (new Set(request.tools.map(({ name }) => name)).size < request.tools.length)
    throw new RefusedRequest('tools: Tool names must be unique.');
  if (countBreakpoints(request) > 4)
    throw new RefusedRequest('A maximum of 4 blocks with cache_control may be provided.');
  return request;
};

/** Blocks as NYX writes them into its rows: with an empty line between. */
const textOf = (blocks: readonly Block[]): string =>
  blocks
    .map((block) => block.text ?? '')
    .filter((text) => text !== '')
    .join('\n\n');

export const systemText = (request: MessagesRequest): string => textOf(request.system);

/** All text of all turns. */
export const promptText = (request: MessagesRequest): string =>
  request.messages.map((message) => textOf(message.content)).join('\n');

export const lastUserText = (request: MessagesRequest): string =>
  textOf(request.messages.filter((message) => message.role === 'user').at(-1)?.content ?? []);

const withoutCacheControl = (_key: string, value: unknown): unknown =>
  isObject(value) && 'cache_control' in value ? { ...value, cache_control: undefined } : value;

/** The same for two requests that ask the same thing of the same model, however they are cached or streamed. */
export const promptKey = (request: MessagesRequest): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        [request.model, request.system, request.messages, request.tools, request.toolChoice, request.schema],
        withoutCacheControl,
      ),
    )
    .digest('hex')
    .slice(0, 24);
