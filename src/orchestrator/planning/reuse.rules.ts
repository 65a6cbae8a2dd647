import type { LlmCall } from '../../llm/llm-call.js';

export const CACHING_STRATEGIES = ['disabled', 'conservative', 'aggressive'] as const;
export type CachingStrategy = (typeof CACHING_STRATEGIES)[number];

/** Calls of one workflow that begin alike: with the same system prompt and the same shared context. */
export interface AlikeCalls {
  readonly calls: number;
  /** How many of them are sent at a time. */
  readonly atOnce: number;
}

/** A call whose beginning nobody shares. */
const ALONE: AlikeCalls = { calls: 1, atOnce: 1 };

/** What other workflows are bet to ask of the same system prompt, this call included. */
const USES_OVER_WORKFLOWS = 3;
/** More turns than this, one after another, may take longer than a short time to live. */
const MANY_TURNS = 4;
/** This turn and the next: an agent that has used tools mostly uses them again. */
const NEXT_TURN = { uses: 2, gapSeconds: 300 };
const SHORT_GAP_SECONDS = 300;
const LONG_GAP_SECONDS = 3600;

/** `expectedReuse` for a turn of an agent after its first: the whole conversation is asked again with the next. */
export function expectedReuseOfTurn(caching: CachingStrategy, alike: AlikeCalls | undefined): LlmCall['reuse'] {
  return caching === 'disabled' ? undefined : { ...expectedReuse(caching, alike), conversation: NEXT_TURN };
}

/**
 * How often a call's beginning is expected to be asked, for the cache to decide by price.
 * - disabled: nothing is cached.
 * - conservative: only what is known to come, for five minutes. Calls that are sent at once count like others: the gateway lets
 *   the first of them write before the rest is sent.
 * - aggressive: system prompts also for later workflows; what runs one after another, or in many turns, for an hour.
 */
export function expectedReuse(caching: CachingStrategy, alike: AlikeCalls = ALONE): LlmCall['reuse'] {
  if (caching === 'disabled') return undefined;
  const { calls, atOnce } = alike;
  const turns = Math.ceil(calls / Math.max(1, atOnce));
  if (caching === 'conservative') {
    const reuse = { uses: calls, gapSeconds: SHORT_GAP_SECONDS };
    return calls < 2 ? undefined : { system: reuse, sharedContext: reuse };
  }
  const isLong = turns > MANY_TURNS || (atOnce === 1 && calls > 1);
  const gapSeconds = isLong ? LONG_GAP_SECONDS : SHORT_GAP_SECONDS;
  return {
    system: { uses: Math.max(calls, USES_OVER_WORKFLOWS), gapSeconds },
    ...(calls > 1 && { sharedContext: { uses: calls, gapSeconds } }),
  };
}

/** The subtasks of a plan, as calls: those without dependencies start at once, up to a limit. */
export function alikeSubtasks(
  subtasks: readonly { readonly dependencies: readonly string[] }[],
  maxAtOnce: number,
): AlikeCalls {
  const independent = subtasks.filter(({ dependencies }) => dependencies.length === 0).length;
  return { calls: subtasks.length, atOnce: Math.max(1, Math.min(independent, maxAtOnce)) };
}
