import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Plain } from '../../http/plain.js';
import { BreakerReport } from '../guards/breaker-report.js';
import { merged, percentilesOf, type LatencyBuckets } from './latency.rules.js';
import { daysOf, periodOf } from './period.rules.js';
import type { LlmStats, NativeCacheStats, UsageView } from './stats.dto.js';
import { savedUsd, share, totalOf, usageOf, type Usage } from './usage.rules.js';
import { LATENCIES, STATS, type SummedRow } from './usage.sql.js';

/** The sums of a day, or those of a model and origin. */
type StatsRow = SummedRow & {
  readonly model: string | null;
  readonly origin: string | null;
  readonly day: string | null;
};

interface LatencyRow {
  readonly model: string;
  readonly bucket: number;
  readonly answers: string;
}

/** All model calls there were, from rollups and what is not rolled up yet: exact at any moment. */
@Injectable()
export class Stats {
  constructor(
    private readonly database: Database,
    private readonly breakers: BreakerReport,
  ) {}

  async get(): Promise<Plain<LlmStats>> {
    const now = new Date();
    const period = periodOf({}, now.getTime());
    const [rows, latencies] = await Promise.all([
      this.database.query<StatsRow>(STATS, [period.from, period.to]),
      this.database.query<LatencyRow>(LATENCIES),
    ]);
    const ofDays = usagesBy(rows, ({ day }) => day);
    const ofModels = usagesBy(rows, ({ model }) => model);
    const ofOrigins = usagesBy(rows, ({ origin }) => origin);
    const buckets = bucketsByModel(latencies);
    return {
      ...summaryOf(totalOf([...ofModels.values()])),
      ...this.breakerSummary(),
      by_model: mapped(ofModels, (usage, model) => ({
        ...viewOf(usage),
        latency_ms: percentilesOf(buckets.get(model) ?? new Map()),
      })),
      by_day: daysOf(period).map((day) => ({ day, ...viewOf(ofDays.get(day) ?? totalOf([])) })),
      by_origin: mapped(ofOrigins, viewOf),
      latency_ms: percentilesOf(merged(buckets.values())),
      timestamp: now.toISOString(),
    };
  }

  private breakerSummary() {
    const breakers = this.breakers.list();
    return {
      circuit_breaker_open: breakers.some(({ state }) => state === 'open'),
      circuit_breaker_failures: breakers.reduce((sum, { failures }) => sum + failures, 0),
      circuit_breakers: [...breakers],
    };
  }
}

function summaryOf(usage: Usage) {
  const hitRate = share(usage.cacheHits, usage.answers);
  return {
    total_requests: usage.requests,
    successful_requests: usage.successes,
    failed_requests: usage.requests - usage.successes,
    success_rate: share(usage.successes, usage.requests),
    total_tokens_used: usage.inputTokens + usage.outputTokens,
    total_cost_usd: usage.costUsd.toNumber(),
    in_doubt_requests: usage.inDoubtRequests,
    in_doubt_usd: usage.inDoubtUsd.toNumber(),
    retries: usage.retries,
    input_tokens_saved: usage.cacheReadInputTokens,
    cost_saved_by_caching: savedUsd(usage).toNumber(),
    native_cache_hits: usage.cacheHits,
    cache_hit_rate: hitRate,
    native_cache_stats: cacheStatsOf(usage, hitRate),
  };
}

const cacheStatsOf = (usage: Usage, hitRate: number): Plain<NativeCacheStats> => ({
  hits: usage.cacheHits,
  hit_rate: hitRate,
  cache_creation_input_tokens: usage.cacheCreationInputTokens,
  cache_read_input_tokens: usage.cacheReadInputTokens,
  uncached_input_tokens: usage.inputTokens - usage.cacheCreationInputTokens - usage.cacheReadInputTokens,
  cost_without_cache_usd: usage.costWithoutCacheUsd.toNumber(),
  cost_saved_usd: savedUsd(usage).toNumber(),
});

const viewOf = (usage: Usage): Plain<UsageView> => ({
  requests: usage.requests,
  successful_requests: usage.successes,
  failed_requests: usage.requests - usage.successes,
  success_rate: share(usage.successes, usage.requests),
  retries: usage.retries,
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cache_creation_input_tokens: usage.cacheCreationInputTokens,
  cache_read_input_tokens: usage.cacheReadInputTokens,
  cache_hits: usage.cacheHits,
  cache_hit_rate: share(usage.cacheHits, usage.answers),
  cost_usd: usage.costUsd.toNumber(),
  in_doubt_usd: usage.inDoubtUsd.toNumber(),
  cost_saved_usd: savedUsd(usage).toNumber(),
  average_latency_ms: Number(share(usage.latencyMs, usage.answers).toFixed(2)),
});

/** The sums of the rows that have the key, by key. */
function usagesBy(rows: readonly StatsRow[], keyOf: (row: StatsRow) => string | null): Map<string, Usage> {
  const groups = new Map<string, Usage>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    const group = groups.get(key);
    groups.set(key, group === undefined ? usageOf(row) : totalOf([group, usageOf(row)]));
  }
  return groups;
}

function bucketsByModel(rows: readonly LatencyRow[]): Map<string, LatencyBuckets> {
  const models = new Map<string, Map<number, number>>();
  for (const { model, bucket, answers } of rows) {
    const buckets = models.get(model) ?? new Map<number, number>();
    models.set(model, buckets.set(bucket, Number(answers)));
  }
  return models;
}

const mapped = <Value, Shown>(map: ReadonlyMap<string, Value>, show: (value: Value, key: string) => Shown) =>
  Object.fromEntries(
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => [key, show(value, key)]),
  );
