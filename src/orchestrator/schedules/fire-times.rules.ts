import { nextLocalTime, readCron, type Cron } from './cron.rules.js';
import { instantOf, isTimeZone, localTimeToGoOnFrom } from './local-time.rules.js';
import type { MissedFires } from './schedule.values.js';

/** A fire that comes later than this was missed: the process was away. */
const GRACE_MS = 60_000;

/** When to fire, in the calendar of a time zone. */
export interface Timetable {
  readonly cron: Cron;
  readonly timezone: string;
}

/** What to do about a slot whose time has come. */
export interface Due {
  readonly fires: boolean;
  readonly next: Date;
}

/** What of a cron expression or a zone cannot be used; empty when both can. */
export function timetableErrors(
  cron: string,
  timezone: string,
): { readonly field: 'schedule' | 'timezone'; readonly message: string }[] {
  const errors: { field: 'schedule' | 'timezone'; message: string }[] = [];
  try {
    readCron(cron);
  } catch (error) {
    errors.push({ field: 'schedule', message: error instanceof Error ? error.message : String(error) });
  }
  if (!isTimeZone(timezone)) errors.push({ field: 'timezone', message: 'must be an IANA time zone, as Europe/Berlin' });
  return errors;
}

/** @throws Error when one of them cannot be used: see `timetableErrors` */
export const timetableOf = (cron: string, timezone: string): Timetable => ({ cron: readCron(cron), timezone });

/**
 * The first fire after an instant. A local time that does not exist fires at the first instant after the gap, one that
 * occurs twice fires the first time only.
 */
export function nextFire({ cron, timezone }: Timetable, after: Date): Date {
  const local = nextLocalTime(cron, localTimeToGoOnFrom(after.getTime(), timezone));
  if (local === undefined) throw new Error('This schedule does not fire within forty years.');
  return new Date(instantOf(local, timezone));
}

/** `count` fires, of which `first` is the first. */
export function fireTimesFrom(timetable: Timetable, first: Date, count: number): Date[] {
  const times = [first];
  for (let last = first; times.length < count; times.push(last)) last = nextFire(timetable, last);
  return times;
}

/** However many slots were missed, this looks at one: `run_once` fires it for all of them, `skip` for none. */
export function dueAt(timetable: Timetable, slot: Date, now: Date, missedFires: MissedFires): Due {
  const isMissed = now.getTime() - slot.getTime() > GRACE_MS;
  if (!isMissed) return { fires: true, next: nextFire(timetable, slot) };
  if (missedFires === 'run_once') return { fires: true, next: nextFire(timetable, now) };
  return { fires: false, next: nextFire(timetable, new Date(now.getTime() - GRACE_MS)) };
}
