import type { Factors, MotivationState } from './dynamics.types.js';

export type Arbitrated = Pick<
  MotivationState,
  'urgency' | 'satisfaction' | 'totalAttempts' | 'successRate' | 'lastTriggeredAt'
>;

/** Fewer attempts say nothing about a motivation's success. */
export const JUDGED_FROM_ATTEMPTS = 3;
const MIN_SUCCESS_FACTOR = 0.5;
/** Reached a day after the last task; from then on waiting longer does not raise a score. */
export const MAX_TIME_FACTOR = 1.5;
const TIME_FACTOR_HOURS = 48;
const HOUR_MS = 3_600_000;

/** s = max(0.5, success rate) from three attempts on and else 1; t = min(1.5, 1 + hours since the last task / 48), 1 when there was none. */
export function factorsOf(state: Arbitrated, now: Date): Factors {
  const { urgency, satisfaction, totalAttempts, successRate, lastTriggeredAt } = state;
  const hours = lastTriggeredAt === null ? 0 : Math.max(0, now.getTime() - lastTriggeredAt.getTime()) / HOUR_MS;
  return {
    urgency,
    satisfaction,
    success: totalAttempts < JUDGED_FROM_ATTEMPTS ? 1 : Math.max(MIN_SUCCESS_FACTOR, successRate),
    time: Math.min(MAX_TIME_FACTOR, 1 + hours / TIME_FACTOR_HOURS),
  };
}

/** How much a motivation asks to be served now, 0..1: urgency × (1 − satisfaction) × s × t. */
export function scoreOf({ urgency, satisfaction, success, time }: Factors): number {
  return Math.min(1, Math.max(0, urgency * (1 - satisfaction) * success * time));
}
