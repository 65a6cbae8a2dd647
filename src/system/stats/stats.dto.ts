import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../http/plain.js';
import { LatencyPercentiles } from '../../llm/stats/stats.dto.js';
import { EXAMPLE_TIME } from '../dto/health.dto.js';

const count = { type: 'integer', minimum: 0 } as const;
const usd = { type: Number, minimum: 0 } as const;
const ms = { type: Number, minimum: 0 } as const;

export class CountsByStatus {
  @ApiProperty({ ...count, example: 42 })
  total!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    description: 'Every status, also where there are none.',
    example: { pending: 0, in_progress: 2, completed: 38, failed: 2, cancelled: 0 },
  })
  by_status!: Record<string, number>;
}

export class UsageFigures {
  @ApiProperty({ ...count, example: 120 })
  requests!: number;

  @ApiProperty({ ...count, example: 84_000, description: 'The whole input: fresh, cache written and cache read.' })
  input_tokens!: number;

  @ApiProperty({ ...count, example: 21_000 })
  output_tokens!: number;

  @ApiProperty({ ...count, example: 105_000 })
  total_tokens!: number;

  @ApiProperty({ ...usd, example: 0.0148, description: 'Without what is in doubt.' })
  cost_usd!: number;

  @ApiProperty({ ...usd, example: 0, description: 'What calls in doubt may have cost at most.' })
  in_doubt_usd!: number;

  @ApiProperty({ ...count, example: 48_000, description: 'Read from the cache in place of being processed.' })
  input_tokens_saved!: number;

  @ApiProperty({ ...usd, example: 0.019 })
  cost_without_cache_usd!: number;

  @ApiProperty({ type: Number, example: 0.0042, description: 'Below 0 when the cache was written more than read.' })
  cost_saved_by_caching!: number;
}

export class UsageByPeriod {
  @ApiProperty({ type: UsageFigures, description: 'Of this UTC day.' })
  today!: Plain<UsageFigures>;

  @ApiProperty({ type: UsageFigures, description: 'Today and the six days before.' })
  last_7_days!: Plain<UsageFigures>;

  @ApiProperty({ type: UsageFigures })
  total!: Plain<UsageFigures>;
}

export class LatencyFigures {
  @ApiProperty({ type: LatencyPercentiles, description: 'Answered calls, of all times.' })
  model_calls!: Plain<LatencyPercentiles>;

  @ApiProperty({ type: LatencyPercentiles, description: 'From start to end of those that completed.' })
  workflows!: Plain<LatencyPercentiles>;

  @ApiProperty({ type: LatencyPercentiles, description: 'Those that succeeded.' })
  tool_executions!: Plain<LatencyPercentiles>;
}

export class EventLoopFigures {
  @ApiProperty({ ...ms, example: 0.4 })
  mean!: number;

  @ApiProperty({ ...ms, example: 0.2 })
  p50!: number;

  @ApiProperty({ ...ms, example: 3.1 })
  p99!: number;

  @ApiProperty({ ...ms, example: 11.8 })
  max!: number;
}

export class MemoryFigures {
  @ApiProperty({ ...count, example: 198_000_000 })
  rss_bytes!: number;

  @ApiProperty({ ...count, example: 92_000_000 })
  heap_used_bytes!: number;

  @ApiProperty({ ...count, example: 110_000_000 })
  heap_total_bytes!: number;

  @ApiProperty({ ...count, example: 6_000_000 })
  external_bytes!: number;
}

export class PoolFigures {
  @ApiProperty({ ...count, example: 20, description: 'Connections that it may have.' })
  max!: number;

  @ApiProperty({ ...count, example: 6, description: 'Connections that it has.' })
  open!: number;

  @ApiProperty({ ...count, example: 4 })
  idle!: number;

  @ApiProperty({ ...count, example: 0, description: 'Queries that wait for a connection.' })
  waiting!: number;
}

export class ReplicaFigures {
  @ApiProperty({ type: String, nullable: true, example: '0b4d8f6e-2f0c-4d65-9f0e-5a1f6f1f3c11' })
  id!: string | null;

  @ApiProperty({ ...count, example: 93_784 })
  uptime_seconds!: number;

  @ApiProperty({ type: EventLoopFigures, description: 'How late timers ran in the last 30 to 60 seconds.' })
  event_loop_delay_ms!: Plain<EventLoopFigures>;

  @ApiProperty({ type: MemoryFigures })
  memory!: Plain<MemoryFigures>;

  @ApiProperty({ type: PoolFigures })
  database_pool!: Plain<PoolFigures>;
}

export class SystemStats {
  @ApiProperty({ type: CountsByStatus })
  workflows!: Plain<CountsByStatus>;

  @ApiProperty({ type: CountsByStatus })
  agents!: Plain<CountsByStatus>;

  @ApiProperty({ type: CountsByStatus })
  motivational_tasks!: Plain<CountsByStatus>;

  @ApiProperty({ type: CountsByStatus })
  tool_executions!: Plain<CountsByStatus>;

  @ApiProperty({ type: UsageByPeriod, description: 'Tokens and money of model calls.' })
  usage!: Plain<UsageByPeriod>;

  @ApiProperty({ type: LatencyFigures, description: 'Off by 1 % at most; 0 where there was none.' })
  latency_ms!: Plain<LatencyFigures>;

  @ApiProperty({ type: ReplicaFigures, description: 'Of the process that answers.' })
  replica!: Plain<ReplicaFigures>;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}
