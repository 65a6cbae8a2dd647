/** How far a zone's offset can be from UTC, and its change from the moment it is looked at, taken generously. */
const AROUND_MS = 36 * 3_600_000;
const MAX_KEPT_ZONES = 1000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether `zone` is the name of a time zone of the IANA database, such as Europe/Berlin or UTC. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the wall clock of `zone` shows at an instant, written as if it were UTC, in whole seconds as milliseconds. */
function localTimeAt(instantMs: number, zone: string): number {
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * When the wall clock of `zone` shows `localMs`: the first time where it does so twice, the first instant after the gap where
 * it never does.
 */
export function instantOf(localMs: number, zone: string): number {
  const before = offsetAt(localMs - AROUND_MS, zone);
  const after = offsetAt(localMs + AROUND_MS, zone);
  const instants = [localMs - before, localMs - after];
  const shown = instants.filter((instant) => localTimeAt(instant, zone) === localMs);
  if (shown.length > 0) return Math.min(...shown);
  return firstWithOffset(after, Math.min(...instants), Math.max(...instants), zone);
}

/**
 * The wall-clock time after which to look for what comes after an instant. Usually what the clock shows then; while it shows
 * times for the second time, the end of those.
 */
export function localTimeToGoOnFrom(instantMs: number, zone: string): number {
  const local = localTimeAt(instantMs, zone);
  const first = instantOf(local, zone);
  const second = Math.floor(instantMs / 1000) * 1000;
  if (first === second) return local;
  const turn = firstWithOffset(local - second, first, second, zone);
  return turn + (local - first) - 1000;
}

const offsetAt = (instantMs: number, zone: string): number =>
  localTimeAt(instantMs, zone) - Math.floor(instantMs / 1000) * 1000;

/** The first whole second after `low`, up to `high`, at which the offset is what it is at `high`. */
function firstWithOffset(offset: number, low: number, high: number, zone: string): number {
  let [without, having] = [low, high];
  while (having - without > 1000) {
    const middle = Math.floor((without + having) / 2000) * 1000;
    if (offsetAt(middle, zone) === offset) having = middle;
    else without = middle;
  }
  return having;
}

/** Making one takes far longer than asking it. @throws RangeError when there is no such zone */
function clockOf(zone: string): Intl.DateTimeFormat {
  const kept = clocks.get(zone);
  if (kept !== undefined) return kept;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (clocks.size >= MAX_KEPT_ZONES) clocks.clear();
  clocks.set(zone, clock);
  return clock;
}
