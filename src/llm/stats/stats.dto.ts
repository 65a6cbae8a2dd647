import { ApiProperty } from '@nestjs/swagger';
import type { BreakerState } from '../guards/circuit-breakers.js';

const count = { type: 'integer', minimum: 0 } as const;
const usd = { type: Number, minimum: 0 } as const;
const rate = { type: Number, minimum: 0, maximum: 1 } as const;
const ms = { type: Number, minimum: 0 } as const;

export class LatencyPercentiles {
  @ApiProperty({ ...ms, example: 640 })
  p50!: number;

  @ApiProperty({ ...ms, example: 1210.44 })
  p90!: number;

  @ApiProperty({ ...ms, example: 1872.31 })
  p95!: number;

  @ApiProperty({ ...ms, example: 4041.5 })
  p99!: number;
}

export class UsageView {
  @ApiProperty({ ...count, example: 120, description: 'Attempts that ended for good, each of a retried call.' })
  requests!: number;

  @ApiProperty({ ...count, example: 114, description: 'Those that brought what was asked for.' })
  successful_requests!: number;

  @ApiProperty({ ...count, example: 6, description: 'Those that failed, were refused or cut off.' })
  failed_requests!: number;

  @ApiProperty({ ...rate, example: 0.95 })
  success_rate!: number;

  @ApiProperty({ ...count, example: 4, description: 'Requests that repeat a failed one.' })
  retries!: number;

  @ApiProperty({ ...count, example: 84_000, description: 'The whole input: fresh, cache written and cache read.' })
  input_tokens!: number;

  @ApiProperty({ ...count, example: 21_000 })
  output_tokens!: number;

  @ApiProperty({ ...count, example: 6_000 })
  cache_creation_input_tokens!: number;

  @ApiProperty({ ...count, example: 48_000 })
  cache_read_input_tokens!: number;

  @ApiProperty({ ...count, example: 40, description: 'Answers that read from the cache.' })
  cache_hits!: number;

  @ApiProperty({ ...rate, example: 0.35, description: 'Cache hits of all answers.' })
  cache_hit_rate!: number;

  @ApiProperty({ ...usd, example: 0.0148 })
  cost_usd!: number;

  @ApiProperty({ ...usd, example: 0, description: 'What calls in doubt may have cost at most; not in cost_usd.' })
  in_doubt_usd!: number;

  @ApiProperty({ type: Number, example: 0.0042, description: 'Below 0 when the cache was written more than read.' })
  cost_saved_usd!: number;

  @ApiProperty({ ...ms, example: 812.5, description: 'Of the answers.' })
  average_latency_ms!: number;
}

export class ModelUsage extends UsageView {
  @ApiProperty({ type: LatencyPercentiles })
  latency_ms!: LatencyPercentiles;
}

export class DayUsage extends UsageView {
  @ApiProperty({ type: String, format: 'date', example: '2026-11-23', description: 'UTC; of the request.' })
  day!: string;
}

export class BreakerView {
  @ApiProperty({ type: String, example: 'anthropic' })
  provider!: string;

  @ApiProperty({ type: String, example: 'claude-haiku-5-5' })
  model!: string;

  @ApiProperty({ enum: ['closed', 'open', 'half_open'], enumName: 'BreakerStateName', example: 'closed' })
  state!: BreakerState['state'];

  @ApiProperty({ ...count, example: 0, description: 'Failures in a row.' })
  failures!: number;
}

export class NativeCacheStats {
  @ApiProperty({ ...count, example: 40 })
  hits!: number;

  @ApiProperty({ ...rate, example: 0.35 })
  hit_rate!: number;

  @ApiProperty({ ...count, example: 6_000 })
  cache_creation_input_tokens!: number;

  @ApiProperty({ ...count, example: 48_000 })
  cache_read_input_tokens!: number;

  @ApiProperty({ ...count, example: 30_000 })
  uncached_input_tokens!: number;

  @ApiProperty({ ...usd, example: 0.019, description: 'What the same tokens cost without a cache.' })
  cost_without_cache_usd!: number;

  @ApiProperty({ type: Number, example: 0.0042 })
  cost_saved_usd!: number;
}

/** A map whose values are of one class. */
const mapOf = (name: string) =>
  ({ type: 'object', additionalProperties: { $ref: `#/components/schemas/${name}` } }) as const;

const USAGE_EXAMPLE = {
  requests: 120,
  successful_requests: 114,
  failed_requests: 6,
  success_rate: 0.95,
  retries: 4,
  input_tokens: 84_000,
  output_tokens: 21_000,
  cache_creation_input_tokens: 6_000,
  cache_read_input_tokens: 48_000,
  cache_hits: 40,
  cache_hit_rate: 0.35,
  cost_usd: 0.0148,
  in_doubt_usd: 0,
  cost_saved_usd: 0.0042,
  average_latency_ms: 812.5,
};

export class LlmStats {
  @ApiProperty({ ...count, example: 120, description: 'Attempts that ended for good, since the beginning.' })
  total_requests!: number;

  @ApiProperty({ ...count, example: 114 })
  successful_requests!: number;

  @ApiProperty({ ...count, example: 6 })
  failed_requests!: number;

  @ApiProperty({ ...rate, example: 0.95, description: '0 when there was no request.' })
  success_rate!: number;

  @ApiProperty({ ...count, example: 105_000, description: 'The whole input and the output.' })
  total_tokens_used!: number;

  @ApiProperty({ ...usd, example: 0.0148, description: 'Without what is in doubt.' })
  total_cost_usd!: number;

  @ApiProperty({ ...count, example: 0, description: 'Calls that were sent and nobody knows what came of them.' })
  in_doubt_requests!: number;

  @ApiProperty({ ...usd, example: 0, description: 'What calls in doubt may have cost at most.' })
  in_doubt_usd!: number;

  @ApiProperty({ ...count, example: 4 })
  retries!: number;

  @ApiProperty({ ...count, example: 48_000, description: 'Read from the cache in place of being processed.' })
  input_tokens_saved!: number;

  @ApiProperty({ type: Number, example: 0.0042, description: 'Below 0 when the cache was written more than read.' })
  cost_saved_by_caching!: number;

  @ApiProperty({ ...count, example: 40 })
  native_cache_hits!: number;

  @ApiProperty({ ...rate, example: 0.35, description: 'Cache hits of all answers.' })
  cache_hit_rate!: number;

  @ApiProperty({ type: Boolean, example: false, description: 'Whether one refuses calls in the process that answers.' })
  circuit_breaker_open!: boolean;

  @ApiProperty({ ...count, example: 0, description: 'Of all breakers.' })
  circuit_breaker_failures!: number;

  @ApiProperty({ type: [BreakerView] })
  circuit_breakers!: BreakerView[];

  @ApiProperty({ type: NativeCacheStats })
  native_cache_stats!: NativeCacheStats;

  @ApiProperty({
    ...mapOf('ModelUsage'),
    example: {
      'claude-haiku-5-5': { ...USAGE_EXAMPLE, latency_ms: { p50: 640, p90: 1210.44, p95: 1872.31, p99: 4041.5 } },
    },
  })
  by_model!: Record<string, ModelUsage>;

  @ApiProperty({ type: [DayUsage], description: 'The last 30 days (UTC) and today among them, oldest first.' })
  by_day!: DayUsage[];

  @ApiProperty({
    ...mapOf('UsageView'),
    example: { user: USAGE_EXAMPLE },
    description: 'By what started the workflow: user, motivation, schedule; api for calls outside of workflows.',
  })
  by_origin!: Record<string, UsageView>;

  @ApiProperty({ type: LatencyPercentiles, description: 'Of all answers there were, off by 1 % at most.' })
  latency_ms!: LatencyPercentiles;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
