import { KINDS, OF_REPLICA, strokesOf, type Stroke } from './strokes.js';
import { Weather, type Below } from './weather.js';

const { jest } = import.meta;

/** Longer than a storm goes on. */
const NEVER_MS = 2_000_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Replicas that need so long to come back, and say that they were fenced when they are thawed. */
const calmSea = (backAfterMs: number): Below => {
  let outageMs = -Infinity;
  const outage = (): Promise<void> => {
    outageMs = performance.now();
    return Promise.resolve();
  };
  return {
    replicas: [0, 1, 2].map((index) => {
      let fencings = 0;
      const replica = {
        name: `replica ${index}`,
        isUp: true,
        end: () => {
          replica.isUp = false;
          return Promise.resolve({ code: 0, signal: null });
        },
        start: () =>
          new Promise<void>((resolve) => {
            setTimeout(() => {
              replica.isUp = true;
              resolve();
            }, backAfterMs);
          }),
        freeze: () => (replica.isUp = false),
        thaw: () => (fencings += 1),
        isWell: () => (replica.isUp = true),
        timesSaid: () => fencings,
      };
      return replica;
    }),
    model: { script: () => undefined },
    wasPostgresDown: (fromMs) => fromMs <= outageMs,
    restartPostgres: outage,
    crashPostgres: outage,
    fillDisk: () => Promise.resolve(),
    clearDisk: () => Promise.resolve(),
  };
};

async function blown(seed: number, below: Below): Promise<{ strokes: string[]; weather: Weather }> {
  const weather = new Weather(below, seed);
  const end = weather.blow(600_000, true);
  await jest.advanceTimersByTimeAsync(2 * NEVER_MS);
  await end;
  const strokes = weather.log.flatMap((line) => /(?:STROKE|NOT POSSIBLE:) (.*)/.exec(line)?.[1] ?? []);
  return { strokes, weather };
}

it.each([1, 825_214, 999_999])(
  'of seed %d the same comes in the same order, however long replicas need',
  async (seed) => {
    const fast = await blown(seed, calmSea(1_000));
    const slow = await blown(seed, calmSea(25_000));
    const both = Math.min(fast.strokes.length, slow.strokes.length);
    expect(both).toBeGreaterThan(2 * KINDS.length);
    expect(slow.strokes.slice(0, both)).toEqual(fast.strokes.slice(0, both));
  },
);

it('what never becomes possible is said, and nothing else changes', async () => {
  const well = await blown(7, calmSea(1_000));
  const lost = await blown(7, calmSea(NEVER_MS));
  expect(lost.strokes).toEqual(well.strokes.slice(0, lost.strokes.length));
  expect(lost.weather.log.join()).toContain('NOT POSSIBLE: ');
  const { struck } = lost.weather;
  expect(struck.has('kill') && struck.has('terminate')).toBe(false);
  expect([...struck]).toEqual(expect.arrayContaining(KINDS.filter((kind) => !OF_REPLICA.has(kind))));
});

const first = (seed: number, count: number): Stroke[] => {
  const strokes = strokesOf(seed);
  return Array.from({ length: count }, () => strokes.next().value);
};

it('each round has each kind, and another seed brings others', () => {
  const kinds = first(3, 3 * KINDS.length).map(({ kind }) => kind);
  for (const round of [0, 1, 2])
    expect(kinds.slice(round * KINDS.length, (round + 1) * KINDS.length).sort()).toEqual([...KINDS].sort());
  expect(first(4, KINDS.length)).not.toEqual(first(3, KINDS.length));
});

describe('that one frozen replica is fenced is made sure of', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index);

  it('by the strokes after it, which leave the others and PostgreSQL alone', () => {
    for (const seed of seeds) {
      const kinds = first(seed, KINDS.length).map(({ kind }) => kind);
      const after = kinds.indexOf('freeze') + 1;
      expect(kinds.slice(after, after + 4).sort()).toEqual(['disk', 'model_failing', 'model_failing', 'model_slow']);
    }
  });

  it('by a PostgreSQL that has been there for a while before it', async () => {
    for (const seed of seeds) {
      const below = calmSea(1_000);
      const sinceOutage: boolean[] = [];
      for (const replica of below.replicas) {
        const freeze = replica.freeze.bind(replica);
        replica.freeze = () => {
          sinceOutage.push(below.wasPostgresDown(performance.now() - 9_999, performance.now()));
          freeze();
        };
      }
      await blown(seed, below);
      expect(sinceOutage[0]).toBe(false);
    }
  });
});
