/** What an attempt that failed tells about trying again. */
export interface FailedAttempt {
  /** HTTP status; unset when no answer came (connection, timeout). */
  readonly status?: number;
  /** `error.details.error_code` of the provider's error body. */
  readonly errorCode?: string;
  /** Response headers with lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Share of a computed pause that chance may take away. */
const JITTER = 0.25;
/** A longer wait than this belongs to the caller, who can come back, not to a request that is held open. */
const LONGEST_WAIT_MS = 120_000;

const RETRIED_STATUSES = new Set([408, 409, 429]);
const SPEND_LIMITS = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached']);

/** A spend limit's 429 stays until somebody raises the limit; else `x-should-retry` decides, else the status. */
export function isRetryable(failure: FailedAttempt): boolean {
  if (failure.status === 429 && failure.errorCode !== undefined && SPEND_LIMITS.has(failure.errorCode)) return false;
  const advice = failure.headers.get('x-should-retry');
  if (advice === 'true') return true;
  if (advice === 'false') return false;
  return failure.status === undefined || RETRIED_STATUSES.has(failure.status) || failure.status >= 500;
}

/** Milliseconds the provider asked to wait (`retry-after-ms`, else `retry-after` in seconds or as a date), if it did, and sensibly. */
export function requestedPauseMs(failure: FailedAttempt, nowMs: number): number | undefined {
  const candidates = [
    number(failure.headers.get('retry-after-ms')),
    number(failure.headers.get('retry-after'), 1000),
    untilDate(failure.headers.get('retry-after'), nowMs),
  ];
  return candidates.find((pause): pause is number => pause !== undefined && pause > 0);
}

/**
 * Milliseconds to wait before the attempt after the `failedAttempts`-th failed one of `maxAttempts`, or undefined when it should not
 * be made.
 * `chance` is a random number of 0..1; without a wait asked for: 0.5 s × 2ⁿ up to 8 s, up to a quarter of it taken away by chance.
 */
export function pauseBeforeRetryMs(
  failure: FailedAttempt,
  failedAttempts: number,
  maxAttempts: number,
  chance: number,
  nowMs: number,
): number | undefined {
  if (failedAttempts >= maxAttempts || !isRetryable(failure)) return undefined;
  const requested = requestedPauseMs(failure, nowMs);
  if (requested !== undefined) return requested <= LONGEST_WAIT_MS ? requested : undefined;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failedAttempts - 1), LONGEST_PAUSE_MS);
  return pause * (1 - JITTER * chance);
}

function number(text: string | undefined, unit = 1): number | undefined {
  if (text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text) * unit;
}

function untilDate(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || !/[a-z]/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at - nowMs;
}
