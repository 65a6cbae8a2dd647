const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait before a server is tried again, in milliseconds: twice as long after each failure, up to a minute.
 * @param failures in a row, from 1
 * @param chance from 0 to 1: replicas that lost a server at once do not come back at once
 */
export const reconnectDelayMs = (failures: number, chance: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10)) * (0.5 + chance / 2);

const SHORTEST_GAP_MS = 1_000;
const EFFORT = 20;

/** How long after reading a list it is read again at the earliest: what is dear to read is read more seldom. */
export const relistGapMs = (readingMs: number): number =>
  Math.min(LONGEST_MS, Math.max(SHORTEST_GAP_MS, readingMs * EFFORT));
