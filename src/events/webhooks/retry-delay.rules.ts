const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first attempt, the second, and so on; the last one stands for all that follow. */
const DELAYS_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR];
/** As much as a fifth sooner or later, so that what failed together does not come back together. */
const SPREAD = 0.2;
/** A receiver may not ask for more. */
const MAX_ASKED_MS = HOUR;

/**
 * Milliseconds until the next attempt.
 *
 * @param attempts made so far, at least 1
 * @param askedMs what the receiver asked for
 * @param random 0 ≤ random < 1
 */
export function retryDelayMs(attempts: number, askedMs: number, random: number): number {
  const base = DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? HOUR;
  return Math.round(Math.max(base * (1 - SPREAD + 2 * SPREAD * random), Math.min(askedMs, MAX_ASKED_MS)));
}

/** What `Retry-After` asks for, in milliseconds; 0 where it asks for nothing that can be understood. Only 429 and 503 may ask. */
export function askedDelayMs(status: number, retryAfter: string | undefined, now: Date): number {
  if ((status !== 429 && status !== 503) || retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * SECOND;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now.getTime());
}
