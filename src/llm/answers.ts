import { Decimal } from 'decimal.js';
import { storableValue } from '../database/storable.js';
import { judge } from './answer.rules.js';
import type { CallPlan } from './call-plan.js';
import { usageOf } from './call-telemetry.js';
import { readMember, readTag, type Reported } from './confidence.rules.js';
import type { EarlierAttempt } from './interactions/interaction-log.js';
import type { AnswerFault, LlmAnswer, LlmCall } from './llm-call.js';
import { costOf, costWithoutCacheOf } from './pricing.rules.js';
import type { ProviderAnswer } from './providers/provider.js';

interface AttemptFacts {
  readonly interactionId: string;
  readonly latencyMs: number;
  readonly retryCount: number;
}

export function answerFromProvider(
  given: ProviderAnswer,
  { call, price, request, provider, warnings }: CallPlan,
  facts: AttemptFacts,
): LlmAnswer {
  const { usage, stopReason } = given;
  const judged = judge(given, request.output !== undefined);
  return {
    ...judged,
    ...reportedIn({ ...judged, toolCalls: given.toolCalls }, call.confidence),
    // As the row has them: what is decided by them must not change when they are read again.
    toolCalls: storableValue(given.toolCalls) as ProviderAnswer['toolCalls'],
    blocks: storableValue(given.blocks) as ProviderAnswer['blocks'],
    ...facts,
    model: request.model,
    provider,
    stopReason,
    usage: usageOf(usage),
    costUsd: costOf(price, usage),
    costWithoutCacheUsd: costWithoutCacheOf(price, usage),
    cached: usage.cacheReadTokens > 0,
    warnings,
  };
}

/** The answer of an attempt that was settled before, perhaps by another process. */
export function answerFromRow(row: EarlierAttempt, { call, request, warnings }: CallPlan): LlmAnswer {
  const [created, read] = [row.cache_creation_input_tokens ?? 0, row.cache_read_input_tokens ?? 0];
  const isFaulty = row.error_code !== null;
  const judged = {
    text: row.response_text ?? '',
    toolCalls: row.tool_calls ?? [],
    json: isFaulty || request.output === undefined ? undefined : row.response,
    fault: isFaulty ? { code: row.error_code as AnswerFault['code'], message: row.error_message ?? '' } : undefined,
  };
  return {
    ...judged,
    ...reportedIn(judged, call.confidence),
    interactionId: row.id,
    blocks: row.response_blocks ?? undefined,
    model: row.model,
    provider: row.provider,
    stopReason: row.stop_reason ?? '',
    usage: {
      inputTokens: (row.token_count_input ?? 0) - created - read,
      outputTokens: row.token_count_output ?? 0,
      cacheCreationInputTokens: created,
      cacheReadInputTokens: read,
    },
    costUsd: new Decimal(row.cost_usd ?? 0),
    costWithoutCacheUsd: new Decimal(row.cost_without_cache_usd ?? 0),
    latencyMs: row.latency_ms ?? 0,
    cached: row.cache_hit,
    warnings,
    retryCount: row.retry_count,
  };
}

/** Only a whole answer reports: neither one that was cut off nor one that asks for tools. */
function reportedIn(
  { text, json, fault, toolCalls }: Pick<LlmAnswer, 'text' | 'json' | 'fault' | 'toolCalls'>,
  form: LlmCall['confidence'],
): Reported {
  if (form === undefined || fault !== undefined || toolCalls.length > 0) return { content: text };
  return form === 'tag' ? readTag(text) : { content: text, confidence: readMember(json) };
}
