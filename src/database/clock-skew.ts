/** Tokens, deadlines and what the engine has learnt go by the clock of the process, beats and leases by the database's. */
const MAX_SKEW_SECONDS = 5;

/** Answers `now`: the database's clock, in milliseconds as `Date.now()` gives them. */
export const READ_CLOCK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now';

/** What a query of READ_CLOCK gives. */
export interface ClockAnswer {
  readonly rows: readonly { readonly now: number }[];
}

/**
 * Asks the database for its clock by `read`.
 * @returns by how many seconds it is ahead of ours, negative where it is behind: the least that explains the answer, for a slow one is no skew
 */
export async function clockSkewSeconds(read: () => Promise<ClockAnswer>): Promise<number> {
  const sentMs = Date.now();
  const { rows } = await read();
  const receivedMs = Date.now();
  const databaseMs = rows[0]?.now ?? sentMs;
  if (databaseMs < sentMs) return (databaseMs - sentMs) / 1000;
  return databaseMs > receivedMs ? (databaseMs - receivedMs) / 1000 : 0;
}

/** One sentence where the clocks are too far apart to work with. */
export function clockComplaint(skewSeconds: number): string | undefined {
  const size = Math.abs(skewSeconds);
  if (size <= MAX_SKEW_SECONDS) return undefined;
  const which = skewSeconds > 0 ? 'behind' : 'ahead of';
  return `The clock of this machine is ${size.toFixed(1)} s ${which} the database's, and NYX bears ${MAX_SKEW_SECONDS} s: synchronise both (chrony, systemd-timesyncd).`;
}
