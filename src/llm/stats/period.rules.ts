import { invalid } from '../../http/problem.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

/** Whole UTC days, both included, as YYYY-MM-DD. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/**
 * Thirty days up to today where nothing is given; as many up to `to`, or everything since `from`, where one of them is.
 * @throws Problem VALIDATION_ERROR when it ends before it begins
 */
export function periodOf(given: Partial<Period>, nowMs: number): Period {
  const to = given.to ?? dayOf(nowMs);
  const from = given.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  if (from > to) throw invalid('from', `must not be after ${to}`);
  return { from, to };
}

/** So many days, the last of them today. */
export const daysBack = (days: number, nowMs: number): Period => ({
  from: dayOf(nowMs - (days - 1) * DAY_MS),
  to: dayOf(nowMs),
});

/** Every day of a period, oldest first. */
export function daysOf({ from, to }: Period): string[] {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  return Array.from({ length: days }, (_, index) => dayOf(Date.parse(from) + index * DAY_MS));
}
