import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { TokenUsage } from '../../pricing.rules.js';
import { ProviderFailure, type ProviderAnswer, type ProviderRequest } from '../provider.js';

/** @throws ProviderFailure when it is no message of the API, whatever its types promise: servers that only resemble it exist */
export function answerOf(
  message: Message,
  requestId: string | undefined,
  cache: ProviderRequest['cache'],
  ownName: (wireName: string) => string = (name) => name,
): ProviderAnswer {
  if (!isReadable(message) || !isText(message.stop_reason) || !isText(message.stop_details?.explanation)) {
    throw unreadable();
  }
  if (!message.content.every(isReadableBlock)) throw unreadable();
  const hasMore = message.content.some(({ type }) => type !== 'text' && type !== 'tool_use');
  return {
    text: message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    toolCalls: message.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: ownName(block.name), input: block.input }] : [],
    ),
    ...(hasMore && { blocks: message.content }),
    stopReason: message.stop_reason ?? 'none',
    refusal: message.stop_details?.explanation ?? undefined,
    usage: usageOf(message, cache),
    requestId,
  };
}

/** What a message that broke off can have cost at most. */
export function usageBoundOf(message: Message, mostOutputTokens: number, cache: ProviderRequest['cache']): TokenUsage {
  const usage = usageOf(message, cache);
  return { ...usage, outputTokens: Math.max(usage.outputTokens, mostOutputTokens) };
}

export function isReadable(message: Partial<Message> | string | undefined): message is Message {
  if (typeof message !== 'object' || !Array.isArray(message.content)) return false;
  const usage = message.usage as Partial<Message['usage']> | undefined;
  if (!isCount(usage?.input_tokens) || !isCount(usage.output_tokens)) return false;
  const { cache_creation_input_tokens, cache_read_input_tokens, cache_creation } = usage;
  const { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens } = cache_creation ?? {};
  return [
    cache_creation_input_tokens,
    cache_read_input_tokens,
    ephemeral_5m_input_tokens,
    ephemeral_1h_input_tokens,
  ].every((count) => count === null || count === undefined || isCount(count));
}

/** What is taken out of a block has to be there. */
function isReadableBlock(block: Partial<Message['content'][number]> | null): boolean {
  if (typeof block !== 'object' || block === null) return false;
  if (block.type === 'text') return typeof block.text === 'string';
  return block.type !== 'tool_use' || (typeof block.id === 'string' && typeof block.name === 'string');
}

/** Tokens that a request can have: far above any window, and far below what the columns hold. */
const MOST_TOKENS = 100_000_000;

export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;

const isText = (value: unknown): boolean => value === null || value === undefined || typeof value === 'string';

export const unreadable = (cause?: unknown, usageBound?: TokenUsage): ProviderFailure =>
  new ProviderFailure('The model provider sent an answer that cannot be read.', 'unknown', {
    status: 200,
    cause,
    usageBound,
  });

/** What was written to the cache and is in no part of the split, which may be missing, is taken for the dearer that was asked for. */
function usageOf({ usage }: Message, cache: ProviderRequest['cache']): TokenUsage {
  const for5m = usage.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const for1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const rest = Math.max(0, (usage.cache_creation_input_tokens ?? 0) - for5m - for1h);
  const isFor1h = Object.values(cache).includes('1h');
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheCreation5mTokens: for5m + (isFor1h ? 0 : rest),
    cacheCreation1hTokens: for1h + (isFor1h ? rest : 0),
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
  };
}
