import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ABOUT } from '../about.js';
import type { ComponentHealth } from '../health-component.js';
import { OVERALL_STATUSES, type OverallStatus } from '../health.rules.js';

export const EXAMPLE_TIME = '2026-11-23T08:00:00.000Z';

const EXAMPLE_COMPONENTS = {
  database: { status: 'healthy', connection: 'connected', latency_ms: 0.42 },
  clock: { status: 'healthy', skew_seconds: 0 },
  system: { status: 'healthy', response_time_ms: 0.08 },
  llm: { status: 'healthy', provider: 'offline', enabled: true, open_circuits: 0 },
  durable: { status: 'healthy', running: true, lease: true, executor_id: '0b4d8f6e-2f0c-4d65-9f0e-5a1f6f1f3c11' },
  engine: { status: 'not_initialized', running: false },
  sandbox: { status: 'healthy' },
};

const componentSchema = {
  type: 'object',
  required: ['status'] as string[],
  properties: { status: { type: 'string' } },
  additionalProperties: true,
} as const;

export const COMPONENTS_PROPERTY = {
  type: 'object',
  additionalProperties: componentSchema,
  description: 'Each part by its name, with how it is and what it has to say.',
  example: EXAMPLE_COMPONENTS,
} as const;

export class BriefHealthDto {
  @ApiProperty({ enum: OVERALL_STATUSES, enumName: 'OverallStatus', example: 'healthy' })
  status!: OverallStatus;

  @ApiProperty({ type: String, example: ABOUT.version })
  version!: string;

  @ApiProperty({ type: String, example: ABOUT.service })
  service!: string;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}

export class HealthDto extends BriefHealthDto {
  @ApiProperty({ enum: ['connected', 'disconnected'], enumName: 'DatabaseConnection', example: 'connected' })
  database!: 'connected' | 'disconnected';

  @ApiProperty(COMPONENTS_PROPERTY)
  components!: Record<string, ComponentHealth>;

  @ApiPropertyOptional({
    type: String,
    description: 'What is wrong, in one sentence; absent when all is well.',
    example: 'The database does not answer.',
  })
  error?: string | undefined;
}

export class LivenessDto {
  @ApiProperty({ enum: ['alive'], enumName: 'Liveness', example: 'alive' })
  status!: 'alive';
}

export class ReadinessDto {
  @ApiProperty({ enum: ['ready', 'not_ready'], enumName: 'Readiness', example: 'ready' })
  status!: 'ready' | 'not_ready';

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}
