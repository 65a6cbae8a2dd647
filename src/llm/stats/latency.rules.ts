/** Latencies below this, in ms, have a bucket each. */
const EXACT_BELOW_MS = 100;
/** Above, each bucket is wider than the one before by this. */
const GROWTH = 1.02;

/** How many answers fell into a bucket. */
export type LatencyBuckets = ReadonlyMap<number, number>;

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * SQL: the bucket of a latency in whole ms, from 0. Below 100 ms bucket b is b ms; from there bucket b covers
 * [100 × 1.02^(b-100), 100 × 1.02^(b-99)) ms, the scale of DDSketch (Masson, Rim, Lee 2019).
 */
export const bucketOf = (latencyMs: string): string =>
  `CASE WHEN ${latencyMs} < ${EXACT_BELOW_MS} THEN ${latencyMs}
        ELSE ${EXACT_BELOW_MS} + floor(ln(${latencyMs}::float8 / ${EXACT_BELOW_MS}) / ln(${GROWTH}::float8))::integer END`;

/** What a bucket stands for, in ms: off by 1 % at most from everything that is in it. */
export function latencyOf(bucket: number): number {
  if (bucket < EXACT_BELOW_MS) return bucket;
  const lowest = EXACT_BELOW_MS * GROWTH ** (bucket - EXACT_BELOW_MS);
  return (lowest * 2 * GROWTH) / (1 + GROWTH);
}

/** Nearest-rank percentiles in ms, off by 1 % at most; 0 when there is nothing. */
export function percentilesOf(buckets: LatencyBuckets): Percentiles {
  const ordered = [...buckets].toSorted(([one], [other]) => one - other);
  const count = ordered.reduce((sum, [, answers]) => sum + answers, 0);
  const at = (percent: number): number => {
    let left = Math.ceil((count * percent) / 100);
    const found = ordered.find(([, answers]) => (left -= answers) <= 0);
    return found === undefined ? 0 : Number(latencyOf(found[0]).toFixed(2));
  };
  return { p50: at(50), p90: at(90), p95: at(95), p99: at(99) };
}

/** All buckets of several histograms in one. */
export function merged(histograms: Iterable<LatencyBuckets>): LatencyBuckets {
  const sums = new Map<number, number>();
  for (const buckets of histograms) {
    for (const [bucket, answers] of buckets) sums.set(bucket, (sums.get(bucket) ?? 0) + answers);
  }
  return sums;
}
