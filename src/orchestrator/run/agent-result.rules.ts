import { charactersOf } from '../../llm/confidence.rules.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import { inputTokensOf } from './agent-attempts.rules.js';
import type { EarlierTurns } from './agent-limits.rules.js';

/** An agent that does not say how sure it is counts as this sure. */
const UNREPORTED_CONFIDENCE = 0.5;

/** Where an agent's result stands, how sure it is of it, and what all of its work took. */
export const resultOf = (answer: LlmAnswer, earlier: EarlierTurns): object => ({
  interaction_id: answer.interactionId,
  content_length: charactersOf(answer.content),
  confidence: answer.confidence ?? UNREPORTED_CONFIDENCE,
  confidence_reported: answer.confidence !== undefined,
  tokens: {
    input: inputTokensOf(answer) + earlier.inputTokens,
    output: answer.usage.outputTokens + earlier.outputTokens,
  },
  cost_usd: answer.costUsd.plus(earlier.costUsd).toNumber(),
  retries: answer.retryCount + earlier.retries,
});

/** Of an agent whose last call brought no answer. */
export const spentOf = ({ inputTokens, outputTokens, costUsd, retries }: EarlierTurns): object => ({
  tokens: { input: inputTokens, output: outputTokens },
  ...(costUsd.gt(0) && { cost_usd: costUsd.toNumber() }),
  retries,
});

/** What an agent that used tools did; nothing for one that made one call. */
export const turnsOf = ({ turns, toolCalls }: EarlierTurns, last: number): object =>
  turns === 0 ? {} : { turns: turns + last, tool_calls: toolCalls };
