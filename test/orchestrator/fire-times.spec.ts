import fc from 'fast-check';
import {
  dueAt,
  fireTimesFrom,
  nextFire,
  timetableErrors,
  timetableOf,
} from '../../src/orchestrator/schedules/fire-times.rules.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When clocks change, at about two in the morning there, and one zone where they never do. */
const TURNS: readonly [zone: string, turn: string][] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Asia/Tokyo', '2026-03-28T17:00:00Z'],
];

interface Fields {
  readonly minute: number | '*';
  readonly hour: number | '*';
  readonly weekday: number | '*';
}

/** Every wall-clock minute around the turn with the first instant that shows it, found by looking at each minute there is. */
function wallClock(
  zone: string,
  turn: string,
): { instants: number[]; firstShowing: Map<number, number>; shown: number[] } {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const start = Date.parse(turn) - 5 * HOUR;
  const instants = Array.from({ length: 10 * 60 }, (_, index) => start + index * MINUTE);
  const shown = instants.map((instant) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`));
  const firstShowing = new Map<number, number>();
  shown.forEach((local, index) => {
    if (!firstShowing.has(local)) firstShowing.set(local, instants[index] ?? 0);
  });
  return { instants, firstShowing, shown };
}

function bruteForce({ minute, hour, weekday }: Fields, clock: ReturnType<typeof wallClock>): number[] {
  const { instants, firstShowing, shown } = clock;
  const fires = new Set<number>();
  for (let local = Math.min(...shown); local <= Math.max(...shown); local += MINUTE) {
    const date = new Date(local);
    const matches =
      (minute === '*' || date.getUTCMinutes() === minute) &&
      (hour === '*' || date.getUTCHours() === hour) &&
      (weekday === '*' || date.getUTCDay() === weekday);
    if (!matches) continue;
    fires.add(firstShowing.get(local) ?? instants[shown.findIndex((other) => other > local)] ?? 0);
  }
  return [...fires].sort((one, other) => one - other);
}

const orAny = (min: number, max: number): fc.Arbitrary<number | '*'> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant('*' as const) }, { weight: 2, arbitrary: fc.integer({ min, max }) });

it.each(TURNS)('fires in %s around %s as looking at every minute says', (zone, turn) => {
  const clock = wallClock(zone, turn);
  const [first = 0] = clock.instants;
  const end = first + 9 * HOUR;
  const fields = fc.record({ minute: orAny(0, 59), hour: orAny(0, 4), weekday: orAny(0, 6) });
  fc.assert(
    fc.property(fields, (given) => {
      const timetable = timetableOf(`${given.minute} ${given.hour} * * ${given.weekday}`, zone);
      const fires: number[] = [];
      for (let at = nextFire(timetable, new Date(first - 1000)); at.getTime() < end; at = nextFire(timetable, at)) {
        fires.push(at.getTime());
      }
      expect(fires).toEqual(bruteForce(given, clock).filter((at) => at < end));
    }),
    { numRuns: 15 },
  );
});

it.each(TURNS)('finds in %s around %s the same fire from every instant before it', (zone, turn) => {
  const clock = wallClock(zone, turn);
  const [first = 0] = clock.instants;
  const fields = fc.record({ minute: orAny(0, 59), hour: orAny(0, 4), weekday: fc.constant('*' as const) });
  const seconds = fc.integer({ min: 0, max: 9 * 3600 });
  fc.assert(
    fc.property(fields, seconds, (given, second) => {
      const after = first + second * 1000;
      const expected = bruteForce(given, clock).find((at) => at > after);
      const found = nextFire(timetableOf(`${given.minute} ${given.hour} * * *`, zone), new Date(after)).getTime();
      if (expected !== undefined) expect(found).toBe(expected);
    }),
    { numRuns: 20 },
  );
});

const firesOf = (cron: string, zone: string, from: string, count: number): string[] => {
  const timetable = timetableOf(cron, zone);
  return fireTimesFrom(timetable, nextFire(timetable, new Date(from)), count).map((at) => at.toISOString());
};

it('a time in the gap fires after it, a repeated one the first time only', () => {
  expect(firesOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
  expect(firesOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
});

it('seconds, names, steps, lists and either day', () => {
  expect(firesOf('*/20 0 0 1 1 *', 'UTC', '2026-06-01T00:00:00Z', 3)).toEqual([
    '2027-01-01T00:00:00.000Z',
    '2027-01-01T00:00:20.000Z',
    '2027-01-01T00:00:40.000Z',
  ]);
  expect(firesOf('0 9-17/4 * jul Mon-tue', 'UTC', '2026-07-06T10:00:00Z', 3)).toEqual([
    '2026-07-06T13:00:00.000Z',
    '2026-07-06T17:00:00.000Z',
    '2026-07-07T09:00:00.000Z',
  ]);
  expect(firesOf('0 0 13 * 5', 'UTC', '2026-11-05T00:00:00Z', 3)).toEqual([
    '2026-11-06T00:00:00.000Z',
    '2026-11-13T00:00:00.000Z',
    '2026-11-20T00:00:00.000Z',
  ]);
  expect(firesOf('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', 1)).toEqual(['2104-02-29T00:00:00.000Z']);
  expect(firesOf('0 0 * * 7', 'UTC', '2026-11-24T00:00:00Z', 1)).toEqual(['2026-11-29T00:00:00.000Z']);
});

it.each([
  '',
  '* * * *',
  '* * * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '*/0 * * * *',
  '5-1 * * * *',
  '1-2-3 * * * *',
  '*-5 * * * *',
  '1,,2 * * * *',
  'x * * * *',
  '-1 * * * *',
  '1.5 * * * *',
  '@daily',
  '0 0 31 2 *',
  '0 0 30 feb *',
  `${'1,'.repeat(200)}1 * * * *`,
])('refuses the cron %p', (cron) => {
  expect(timetableErrors(cron, 'UTC').map(({ field }) => field)).toEqual(['schedule']);
});

it.each(['', 'Mars/Olympus', '+01:00', 'Europe/Berlin ', '__proto__', 'Europe'])('refuses the zone %p', (zone) => {
  expect(timetableErrors('0 0 * * *', zone).map(({ field }) => field)).toEqual(['timezone']);
});

it('of many missed slots none or one fires, whatever their number', () => {
  const everySecond = timetableOf('* * * * * *', 'UTC');
  const slot = new Date('2020-01-01T00:00:00Z');
  const now = new Date('2026-11-24T12:00:00.500Z');
  expect(dueAt(everySecond, slot, now, 'run_once')).toEqual({ fires: true, next: new Date('2026-11-24T12:00:01Z') });
  expect(dueAt(everySecond, slot, now, 'skip')).toEqual({ fires: false, next: new Date('2026-11-24T11:59:01Z') });
  const recent = new Date('2026-11-24T11:59:30Z');
  expect(dueAt(everySecond, recent, now, 'skip')).toEqual({ fires: true, next: new Date('2026-11-24T11:59:31Z') });
});
