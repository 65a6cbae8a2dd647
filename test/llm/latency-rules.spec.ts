import fc from 'fast-check';
import { bucketOf, latencyOf, merged, percentilesOf, type LatencyBuckets } from '../../src/llm/stats/latency.rules.js';
import { LlmFixture } from './llm-fixture.js';

const MOST_MS = 2_147_483_647;
const BUCKETS = `SELECT ${bucketOf('ms')} AS bucket, count(*)::int AS answers FROM unnest($1::int[]) AS ms GROUP BY 1`;

let fixture: LlmFixture;
beforeAll(async () => {
  fixture = await LlmFixture.start();
});
afterAll(() => fixture.close());

async function bucketsOf(latencies: readonly number[]): Promise<LatencyBuckets> {
  const rows = await fixture.database.query<{ bucket: number; answers: number }>(BUCKETS, [latencies]);
  return new Map(rows.map(({ bucket, answers }) => [bucket, answers]));
}

/** By the definition: the smallest value that so many percent of the values do not exceed. */
const exact = (latencies: readonly number[], percent: number): number =>
  latencies.toSorted((one, other) => one - other)[Math.ceil((latencies.length * percent) / 100) - 1] ?? 0;

const isClose = (given: number, latencyMs: number): boolean => Math.abs(given - latencyMs) <= latencyMs / 100;

const aLatency = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: 0, max: MOST_MS }),
);

it('percentiles are off by 1 % at most', async () => {
  const latencies = fc.array(aLatency, { minLength: 1, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(latencies, latencies, async (some, others) => {
      const all = [...some, ...others];
      const { p50, p90, p95, p99 } = percentilesOf(merged([await bucketsOf(some), await bucketsOf(others)]));
      const pairs: [number, number][] = [
        [p50, exact(all, 50)],
        [p90, exact(all, 90)],
        [p95, exact(all, 95)],
        [p99, exact(all, 99)],
      ];
      expect(pairs.filter(([given, latencyMs]) => !isClose(given, latencyMs))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('every latency is in a bucket that stands for it, and there are less than a thousand', async () => {
  const latencies = [...Array.from({ length: 20_000 }, (_, ms) => ms), MOST_MS];
  const rows = await fixture.database.query<{ ms: number; bucket: number }>(
    `SELECT ms, ${bucketOf('ms')} AS bucket FROM unnest($1::int[]) AS ms`,
    [latencies],
  );
  expect(rows.filter(({ ms, bucket }) => !isClose(latencyOf(bucket), ms))).toEqual([]);
  expect(Math.max(...rows.map(({ bucket }) => bucket))).toBeLessThan(1000);
});

it('small latencies are exact, and there is none of nothing', async () => {
  expect(percentilesOf(await bucketsOf([0, 1, 7, 99]))).toEqual({ p50: 1, p90: 99, p95: 99, p99: 99 });
  expect(percentilesOf(new Map())).toEqual({ p50: 0, p90: 0, p95: 0, p99: 0 });
});
