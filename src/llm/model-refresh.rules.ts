const HOUR_MS = 3_600_000;
/** Share of the hour by which replicas that started at once drift apart. */
const JITTER = 0.1;
const UNKNOWN_PAUSE_MS = 60_000;

/** Milliseconds from one look at the provider's list to the next: 54 to 66 minutes. `chance` is a random number of 0..1. */
export const nextRefreshMs = (chance: number): number => HOUR_MS * (1 + JITTER * (2 * chance - 1));

/** Whether an unknown model is worth a look now. Times in milliseconds of one clock; `lastMs` is when the last look began. */
export const mayLookForUnknown = (lastMs: number | undefined, nowMs: number): boolean =>
  lastMs === undefined || nowMs - lastMs >= UNKNOWN_PAUSE_MS;
