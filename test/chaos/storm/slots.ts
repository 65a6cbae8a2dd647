import type { MissedFires } from '../../../src/orchestrator/schedules/schedule.values.js';

/** A time in which nobody was there to fire. */
export interface Sleep {
  /** What was due when it began: far more than a minute ago when it ended. */
  readonly slot: Date;
  /** What was to come when it ended, before anybody noticed, and after. */
  readonly from: Date;
  readonly to: Date;
}

/** A schedule from its first slot to the one that has not come yet. */
export interface Slots {
  readonly missedFires: MissedFires;
  readonly everyMs: number;
  readonly first: Date;
  readonly next: Date;
  readonly sleeps: readonly Sleep[];
}

/**
 * Each slot fires once. Of those that were missed `skip` fires none; `run_once` fires the first one, which stands for all until
 * it fires: also for those that came in time while nobody had noticed yet.
 * @param fired ids of what it fired; `idOf` gives that of a slot
 */
export function wrongSlots(slots: Slots, fired: ReadonlySet<string>, idOf: (slot: Date) => string): string[] {
  const { missedFires, everyMs, first, next, sleeps } = slots;
  const count = Math.round((next.getTime() - first.getTime()) / everyMs);
  const due = Array.from({ length: count }, (_, index) => new Date(first.getTime() + index * everyMs));
  const firesMissed = missedFires === 'run_once';
  const standsFor = (slot: Date): boolean => firesMissed && sleeps.some(({ from, to }) => slot >= from && slot < to);
  const mayFire = new Set([...due, ...sleeps.filter(() => firesMissed).map(({ slot }) => slot)].map(idOf));
  const mayNot = [...due].filter(standsFor).map(idOf);
  const missed = [...mayFire].filter((id) => !fired.has(id) && !mayNot.includes(id)).length;
  const tooMany = [...fired].filter((id) => !mayFire.has(id)).length;
  if (count > 0 && missed + tooMany === 0) return [];
  return [
    `${missedFires}: of ${count} slots and ${sleeps.length} sleeps ${missed} did not fire, and ${tooMany} more fired`,
  ];
}
