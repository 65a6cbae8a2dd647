/** How long a caller of `execute` wants to wait, in seconds. */
export interface WaitPreference {
  readonly waitSeconds: number;
  /** What of the `Prefer` header is honoured, for `Preference-Applied`; empty when nothing was asked. */
  readonly applied: string;
}

const DEFAULT_WAIT_SECONDS = 240;
const MAX_WAIT_SECONDS = 600;

/**
 * Reads `Prefer` (RFC 7240): `wait=N`, `respond-async`, which with it answers only after that wait. The first of each counts; unknown and
 * malformed preferences are ignored, as the RFC wants.
 */
export function readPreference(header: string | undefined): WaitPreference {
  const preferences = (header ?? '').split(',').map((each) => (each.split(';', 1)[0] ?? '').trim().toLowerCase());
  const isAsync = preferences.includes('respond-async');
  const wait = preferences.map((each) => /^wait\s*=\s*(?:(\d+)|"(\d+)")$/.exec(each)).find((match) => match !== null);
  if (wait === undefined) {
    return isAsync ? { waitSeconds: 0, applied: 'respond-async' } : { waitSeconds: DEFAULT_WAIT_SECONDS, applied: '' };
  }
  const waitSeconds = Math.min(Number(wait[1] ?? wait[2]), MAX_WAIT_SECONDS);
  return { waitSeconds, applied: `${isAsync ? 'respond-async, ' : ''}wait=${waitSeconds}` };
}
