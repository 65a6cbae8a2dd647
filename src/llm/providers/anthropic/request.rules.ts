import type {
  ContentBlockParam,
  MessageCreateParamsNonStreaming,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { storableValue } from '../../../database/storable.js';
import type { Turn } from '../../prompt-layout.js';
import type { CacheTtl, ProviderRequest } from '../provider.js';
import { plainName, strictSchemaOf, wireNamesOf, wireToolsOf } from './tools.rules.js';

/** The body of a request. The API takes no half characters, wherever a text has them from: they are sent as the row has them. */
export const bodyOf = (request: ProviderRequest): MessageCreateParamsNonStreaming =>
  storableValue(plainBodyOf(request), Infinity) as MessageCreateParamsNonStreaming;

/** In the order in which the API caches it: tools, system, the turns. */
function plainBodyOf(request: ProviderRequest): MessageCreateParamsNonStreaming {
  const { system, tools = [], cache, output } = request;
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...(tools.length > 0 && { tools: wireToolsOf(tools) }),
    ...(tools.length > 0 && request.mustAnswer === true && { tool_choice: { type: 'none' as const } }),
    ...(system !== undefined && { system: cache.system === undefined ? system : [block(system, cache.system)] }),
    messages: messagesOf(request),
    ...(output !== undefined && {
      output_config: { format: { type: 'json_schema', schema: strictSchemaOf(output.schema) } },
    }),
  };
}

/**
 * A conversation that goes on has a breakpoint at its end, for the next request to read, and one where the last request ended: the API
 * looks back only so many blocks for what it has, and one answer with many calls has more.
 */
function messagesOf({ sharedContext, prompt, turns = [], tools = [], cache }: ProviderRequest): MessageParam[] {
  const names = wireNamesOf(tools.map(({ name }) => name));
  const ttlAt = (turn: number): CacheTtl | undefined => (turn >= turns.length - 1 ? cache.conversation : undefined);
  const first: MessageParam['content'] =
    sharedContext === undefined && ttlAt(0) === undefined
      ? prompt
      : [...(sharedContext === undefined ? [] : [block(sharedContext, cache.sharedContext)]), block(prompt, ttlAt(0))];
  return [
    { role: 'user', content: first },
    ...turns.flatMap((turn, index): MessageParam[] => [
      { role: 'assistant', content: assistantBlocks(turn, names) },
      { role: 'user', content: resultBlocks(turn, ttlAt(index + 1)) },
    ]),
  ];
}

function assistantBlocks({ assistant }: Turn, names: ReadonlyMap<string, string>): ContentBlockParam[] {
  const { text, toolCalls, blocks } = assistant;
  if (blocks !== undefined) return blocks as ContentBlockParam[];
  return [
    ...(text.trim() === '' ? [] : [block(text)]),
    ...toolCalls.map(({ id, name, input }): ContentBlockParam => {
      const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
      return { type: 'tool_use', id, name: names.get(name) ?? plainName(name), input: isObject ? input : {} };
    }),
  ];
}

function resultBlocks({ results, note }: Turn, ttl: CacheTtl | undefined): ContentBlockParam[] {
  const blocks: (ToolResultBlockParam | TextBlockParam)[] = results.map(({ toolCallId, content, isError }) => ({
    type: 'tool_result',
    tool_use_id: toolCallId,
    content,
    ...(isError && { is_error: true }),
  }));
  if (note !== undefined) blocks.push(block(note));
  const last = blocks.at(-1);
  if (ttl !== undefined && last !== undefined) last.cache_control = { type: 'ephemeral', ttl };
  return blocks;
}

const block = (text: string, ttl?: CacheTtl): TextBlockParam => ({
  type: 'text',
  text,
  ...(ttl !== undefined && { cache_control: { type: 'ephemeral', ttl } }),
});
