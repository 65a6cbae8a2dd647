import { Decimal } from 'decimal.js';
import type { PastTurn } from './agent-turn.js';
import { MAX_TURN_BYTES } from './tool-result.rules.js';

/** Model calls of one agent, the one that has to answer included. */
const MAX_TURNS = 25;
/** Time that an agent's models and tools may take together; waiting for their turn does not count. */
const MAX_WORK_MS = 300_000;
/** Of what was said and brought back, the results of the last calls included: about 130,000 tokens, which every model's window has room for. */
const MAX_CONVERSATION_BYTES = 400_000;
/** Calls of one turn that are run; the others are told so. */
export const MAX_CALLS_PER_TURN = 32;
/** Reads of one turn that run at the same time. */
export const READS_AT_ONCE = 8;

/** What an agent's turns before its last one took. */
export interface EarlierTurns {
  readonly turns: number;
  readonly toolCalls: number;
  readonly costUsd: Decimal;
  readonly retries: number;
}

export const earlierTurns = (past: readonly PastTurn[]): EarlierTurns => ({
  turns: past.length,
  toolCalls: past.reduce((sum, { calls }) => sum + calls.length, 0),
  costUsd: past.reduce((sum, { costUsd }) => sum.plus(costUsd), new Decimal(0)),
  retries: past.reduce((sum, { retries }) => sum + retries, 0),
});

/** Why the next turn has to be the agent's last, as the end of a sentence; undefined when it may use tools again. */
export function limitReached(past: readonly PastTurn[], conversationBytes: number): string | undefined {
  if (past.length >= MAX_TURNS - 1) return `it has had ${MAX_TURNS} turns`;
  if (workMsOf(past) >= MAX_WORK_MS) return `it has worked for ${MAX_WORK_MS / 1000} seconds`;
  if (conversationBytes + MAX_TURN_BYTES > MAX_CONVERSATION_BYTES) return 'its conversation has become too long';
  return undefined;
}

const workMsOf = (past: readonly PastTurn[]): number =>
  past.reduce(
    (sum, { workMs, outcomes }) =>
      outcomes.reduce((inner, outcome) => inner + ('workMs' in outcome ? outcome.workMs : 0), sum + workMs),
    0,
  );

/** Which calls of a turn run together, as indexes in their order: reads several at once, anything else one after the other. */
export function batchesOf(calls: readonly { readonly isRead: boolean }[]): number[][] {
  const size = calls.every(({ isRead }) => isRead) ? READS_AT_ONCE : 1;
  const indexes = calls.slice(0, MAX_CALLS_PER_TURN).map((_, index) => index);
  return indexes.flatMap((index) => (index % size === 0 ? [indexes.slice(index, index + size)] : []));
}
