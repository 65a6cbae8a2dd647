import { Decimal } from 'decimal.js';
import type { AgentType } from '../agents/agent.values.js';
import type { FailedTry } from './agent-attempts.rules.js';
import { maxWorkMs, workMsOf } from './agent-time.rules.js';
import type { PastTurn } from './agent-turn.js';
import { loopIn } from './loop-guard.rules.js';
import { MAX_TURN_BYTES } from './tool-result.rules.js';

/** Model calls of one agent, the one that has to answer included. */
const MAX_TURNS = 25;
/** Of what was said and brought back, the results of the last calls included: about 130,000 tokens. */
const MAX_CONVERSATION_BYTES = 400_000;
/** Of the tokens of prose and code, at the least. */
const BYTES_PER_TOKEN = 3;
/** Of the room of a conversation, which the results of one turn may take; and what they may in any case. */
const SHARE_OF_TURN = 1 / 3;
const LEAST_TURN_BYTES = 4 * 1024;
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
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly failedTries: readonly FailedTry[];
}

/** What an agent did before its last answer: its turns, and the tries that brought nothing. */
export function earlierTurns(past: readonly PastTurn[], failedTries: readonly FailedTry[] = []): EarlierTurns {
  const answered = [...past, ...failedTries.flatMap(({ answer }) => answer ?? [])];
  const sum = (of: (each: (typeof answered)[number]) => number): number =>
    answered.reduce((total, each) => total + of(each), 0);
  return {
    turns: past.length,
    toolCalls: past.reduce((total, { calls }) => total + calls.length, 0),
    costUsd: answered.reduce((total, { costUsd }) => total.plus(costUsd), new Decimal(0)),
    retries: sum(({ retries }) => retries) + failedTries.length,
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    failedTries,
  };
}

/** Why an agent's next turn has to be its last. */
export interface LimitReached {
  readonly code: 'AGENT_LIMIT' | 'AGENT_LOOP';
  /** The end of a sentence. */
  readonly reason: string;
}

/**
 * What may be said behind an agent's prompt, in bytes, so that the smallest model that it may ask can read all of it and answer.
 * @param contextWindow in tokens
 * @param promptBytes of everything that stands before the conversation
 */
export const roomForConversation = (contextWindow: number, promptBytes: number, maxAnswerTokens: number): number =>
  Math.min(MAX_CONVERSATION_BYTES, (contextWindow - maxAnswerTokens) * BYTES_PER_TOKEN - promptBytes);

/** Bytes of the results of one turn of a conversation that has so much room. */
export const turnBytesIn = (room: number): number =>
  Math.max(LEAST_TURN_BYTES, Math.min(MAX_TURN_BYTES, Math.floor(room * SHARE_OF_TURN)));

/** Undefined when it may use tools again. `room`: for its conversation, in bytes */
export function limitReached(
  past: readonly PastTurn[],
  conversationBytes: number,
  room: number,
  agentType: AgentType = 'task',
  failedTries: readonly FailedTry[] = [],
): LimitReached | undefined {
  const loop = loopIn(past);
  if (loop !== undefined) return { code: 'AGENT_LOOP', reason: loop };
  const isFull = conversationBytes > 0 && conversationBytes + turnBytesIn(room) > room;
  const reason =
    allowanceUsed(past, workMsOf(past, failedTries), maxWorkMs(agentType)) ??
    (isFull ? 'its conversation has become too long' : undefined);
  return reason === undefined ? undefined : { code: 'AGENT_LIMIT', reason };
}

function allowanceUsed(past: readonly PastTurn[], workedMs: number, mostMs: number): string | undefined {
  if (past.length >= MAX_TURNS - 1) return `it has had ${MAX_TURNS} turns`;
  if (workedMs >= mostMs) return `it has worked for ${mostMs / 1000} seconds`;
  return undefined;
}

/** Which calls of a turn run together, as indexes in their order: reads several at once, anything else one after the other. */
export function batchesOf(calls: readonly { readonly isRead: boolean }[]): number[][] {
  const size = calls.every(({ isRead }) => isRead) ? READS_AT_ONCE : 1;
  const indexes = calls.slice(0, MAX_CALLS_PER_TURN).map((_, index) => index);
  return indexes.flatMap((index) => (index % size === 0 ? [indexes.slice(index, index + size)] : []));
}
