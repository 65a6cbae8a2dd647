/** How long a caller of `execute` wants to wait, in seconds. */
export interface WaitPreference {
  readonly waitSeconds: number;
  /** What of the `Prefer` header is honoured, for `Preference-Applied`; empty when nothing was asked. */
  readonly applied: string;
}

const DEFAULT_WAIT_SECONDS = 240;
const MAX_WAIT_SECONDS = 600;

/** Reads `Prefer` (RFC 7240): `respond-async`, `wait=N`. Unknown and malformed preferences are ignored, as the RFC wants. */
export function readPreference(header: string | undefined): WaitPreference {
  const preferences = (header ?? '').split(',').map((preference) => preference.trim().toLowerCase());
  if (preferences.includes('respond-async')) return { waitSeconds: 0, applied: 'respond-async' };
  const wait = preferences.map((preference) => /^wait\s*=\s*"?(\d{1,9})"?$/.exec(preference)?.[1]).find(Boolean);
  if (wait === undefined) return { waitSeconds: DEFAULT_WAIT_SECONDS, applied: '' };
  const waitSeconds = Math.min(Number(wait), MAX_WAIT_SECONDS);
  return { waitSeconds, applied: `wait=${waitSeconds}` };
}
