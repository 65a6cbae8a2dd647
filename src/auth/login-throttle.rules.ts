/** What wrong sign-ins are counted by. */
export type ThrottleKind = 'account' | 'address';

interface Limits {
  /** Failures that cost nothing: people mistype. */
  readonly free: number;
  readonly firstPauseSeconds: number;
  readonly longestPauseSeconds: number;
}

const LIMITS: Readonly<Record<ThrottleKind, Limits>> = {
  account: { free: 9, firstPauseSeconds: 2, longestPauseSeconds: 15 * 60 },
  /** Many people may share one. */
  address: { free: 49, firstPauseSeconds: 2, longestPauseSeconds: 60 * 60 },
};

/** Failures are forgotten when none came for this long. */
export const FORGOTTEN_AFTER_SECONDS = 24 * 3_600;

/** How long a network is known to be an account's, from the last time it signed in there. */
export const KNOWN_FOR_SECONDS = 30 * 24 * 3_600;

/** How long nobody may try again after so many failures: each one too many doubles it. */
export function pauseSeconds(kind: ThrottleKind, failures: number): number {
  const { free, firstPauseSeconds, longestPauseSeconds } = LIMITS[kind];
  if (failures <= free) return 0;
  return Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** Math.min(30, failures - free - 1));
}
