import { cutTo } from '../../database/cut.rules.js';
import type { Problem } from '../../http/problem.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { AgentType } from '../agents/agent.values.js';

/** A try of an agent that brought nothing usable, as checkpoints keep it. */
export interface FailedTry {
  readonly code: string;
  readonly message: string;
  /** An answer that came, and was paid. */
  readonly answer?: {
    readonly interactionId: string;
    readonly costUsd: string;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly retries: number;
  };
  /** How long whoever refused asked to wait. */
  readonly retryAfterSeconds?: number;
  /** What it took; older checkpoints have none. */
  readonly workMs?: number;
}

/** The member of a problem's extensions in which the step of a call that brought no answer keeps what it took. */
export const WORK_MS = 'work_ms';

/** Tries of an agent altogether, over all its turns. */
const TRIES: Readonly<Record<AgentType, number>> = { task: 3, council: 2, validator: 2, memory: 2 };

/** Answers that came and are of no use, and providers that cannot be had now. A budget, a time limit or a wrong name stays what it is. */
const ANSWERED_IN_VAIN = new Set([
  'LLM_MALFORMED_OUTPUT',
  'LLM_TRUNCATED',
  'LLM_REFUSED',
  'LLM_PAUSED',
  'LLM_UNEXPECTED_STOP',
]);
const AWAY = new Set(['LLM_UPSTREAM', 'LLM_UNAVAILABLE', 'OVERLOADED']);
/** Of an upstream's statuses those that may be another one next time. */
const PASSING = new Set([408, 409, 429]);

const FIRST_PAUSE_MS = 250;
const FIRST_PAUSE_AWAY_MS = 1_000;
/** Longer than a breaker stays open. */
const LONGEST_PAUSE_MS = 900_000;
const MAX_MESSAGE = 300;

export const triesOf = (agentType: AgentType = 'task'): number => TRIES[agentType];

/** How a call failed that brought no answer; undefined when trying again is of no use. */
export function failedCall({ code, detail, options }: Problem): FailedTry | undefined {
  if (!AWAY.has(code)) return undefined;
  const { upstream_status: status, upstream_error_code: upstreamCode } = options.extensions ?? {};
  if (typeof status === 'number' && status < 500 && !PASSING.has(status)) return undefined;
  if (typeof upstreamCode === 'string' && upstreamCode.endsWith('spend_limit_reached')) return undefined;
  const workMs = options.extensions?.[WORK_MS];
  return {
    code,
    message: cutTo(detail, MAX_MESSAGE),
    retryAfterSeconds: options.retryAfterSeconds,
    ...(typeof workMs === 'number' && { workMs }),
  };
}

/** How an answer failed; undefined when it did not. `mistake`: it is whole, but not what was asked for. */
export function failedAnswer(answer: LlmAnswer, mistake: string | undefined): FailedTry | undefined {
  const fault =
    answer.fault ?? (mistake === undefined ? undefined : { code: 'LLM_MALFORMED_OUTPUT', message: mistake });
  if (fault === undefined || !ANSWERED_IN_VAIN.has(fault.code)) return undefined;
  return triedWith(answer, fault);
}

/** An answer that came and cannot be used, for whatever reason. */
export const triedWith = (answer: LlmAnswer, why: { readonly code: string; readonly message: string }): FailedTry => ({
  code: why.code,
  message: cutTo(why.message, MAX_MESSAGE),
  workMs: answer.latencyMs,
  answer: {
    interactionId: answer.interactionId,
    costUsd: answer.costUsd.toFixed(),
    inputTokens: inputTokensOf(answer),
    outputTokens: answer.usage.outputTokens,
    retries: answer.retryCount,
  },
});

export const inputTokensOf = ({ usage }: LlmAnswer): number =>
  usage.inputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens;

/** Milliseconds before the next try: the backoff, and at least as long as was asked for, such as until an open breaker lets a probe through. */
export function pauseBeforeTryMs(failed: readonly FailedTry[]): number {
  const asked = (failed.at(-1)?.retryAfterSeconds ?? 0) * 1000;
  return Math.min(Math.max(backoffMs(failed), asked), LONGEST_PAUSE_MS);
}

/** What of that pause is ours: doubling with each try. */
export function backoffMs(failed: readonly FailedTry[]): number {
  const last = failed.at(-1);
  if (last === undefined) return 0;
  return (last.answer === undefined ? FIRST_PAUSE_AWAY_MS : FIRST_PAUSE_MS) * 2 ** (failed.length - 1);
}

/** Calls of one try: the first may be repeated by the gateway as it is set; later ones are repetitions themselves. */
export const httpAttemptsOf = (failed: readonly FailedTry[]): number | undefined =>
  failed.length > 0 && failed.at(-1)?.answer === undefined ? 1 : undefined;

/** What the model is told of its last try; undefined when it said nothing wrong. */
export function mistakeOf(failed: readonly FailedTry[]): string | undefined {
  const last = failed.at(-1);
  return last?.answer === undefined ? undefined : last.message;
}

/** As an agent's state shows it. */
export const shownTry = ({ code, message, answer }: FailedTry): object => ({
  code,
  message,
  ...(answer && { interaction_id: answer.interactionId }),
});
