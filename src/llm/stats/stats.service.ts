import { Injectable } from '@nestjs/common';
import type { Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import type { Plain } from '../../http/plain.js';
import { CircuitBreakers } from '../guards/circuit-breakers.js';
import { merged, percentilesOf, type LatencyBuckets } from './latency.rules.js';
import { daysOf, periodOf } from './period.rules.js';
import type { LlmStats, NativeCacheStats, UsageView } from './stats.dto.js';
import { savedUsd, share, totalOf, usageOf, type Usage } from './usage.rules.js';
import { LATENCIES, OWN_LATENCIES, OWN_STATS, STATS, type SummedRow } from './usage.sql.js';

type StatsRow = SummedRow & { readonly kind: 'model' | 'origin' | 'day'; readonly key: string };

interface LatencyRow {
  readonly model: string;
  readonly buckets: Readonly<Record<string, number>>;
}

/** All model calls there were, from rollups and what is not rolled up yet: exact at any moment. */
@Injectable()
export class Stats {
  constructor(
    private readonly database: Database,
    private readonly breakers: CircuitBreakers,
  ) {}

  async get(owner: Owner): Promise<Plain<LlmStats>> {
    const now = new Date();
    const period = periodOf({}, now.getTime());
    const own = owner === undefined ? [] : [owner];
    const [rows, latencies] = await Promise.all([
      this.database.query<StatsRow>(owner === undefined ? STATS : OWN_STATS, [period.from, period.to, ...own]),
      this.database.query<LatencyRow>(owner === undefined ? LATENCIES : OWN_LATENCIES, own),
    ]);
    const ofModels = usagesBy('model', rows);
    const ofOrigins = usagesBy('origin', rows);
    const ofDays = usagesBy('day', rows);
    const buckets = new Map(latencies.map((row) => [row.model, bucketsOf(row)]));
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

const usagesBy = (kind: StatsRow['kind'], rows: readonly StatsRow[]): Map<string, Usage> =>
  new Map(rows.filter((row) => row.kind === kind).map((row) => [row.key, usageOf(row)]));

const bucketsOf = ({ buckets }: LatencyRow): LatencyBuckets =>
  new Map(Object.entries(buckets).map(([bucket, answers]) => [Number(bucket), answers]));

const mapped = <Value, Shown>(map: ReadonlyMap<string, Value>, show: (value: Value, key: string) => Shown) =>
  Object.fromEntries(
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => [key, show(value, key)]),
  );
