import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';

const INTERVAL = { type: 'integer', minimum: 1, maximum: 3_600, example: 30, description: 'Seconds.' } as const;
const TASKS = {
  type: 'integer',
  minimum: 1,
  maximum: 50,
  example: 3,
  description: 'Tasks that may run at once.',
} as const;
const THRESHOLD = {
  type: Number,
  minimum: 0,
  maximum: 1,
  example: 0.3,
  description: 'The least score of what gets a task.',
} as const;
const SAFETY = {
  type: Boolean,
  example: true,
  description: 'Autonomous work has a small budget, only reads, and asks for anything riskier.',
} as const;
const TEST_MODE = { type: Boolean, example: false, description: 'Cooldowns of seconds.' } as const;
const STARTED = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const NEVER = { type: String, format: 'date-time', nullable: true, example: null } as const;
const COUNT = { type: 'integer', minimum: 0, example: 0 } as const;

/** What is left out stays as it is. */
export class EngineConfigChange {
  @ApiPropertyOptional(INTERVAL)
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(3_600)
  evaluation_interval?: number;

  @ApiPropertyOptional(TASKS)
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(50)
  max_concurrent_tasks?: number;

  @ApiPropertyOptional(THRESHOLD)
  @IfGiven()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1)
  min_arbitration_threshold?: number;

  @ApiPropertyOptional(SAFETY)
  @IfGiven()
  @IsBoolean()
  safety_enabled?: boolean;

  @ApiPropertyOptional(TEST_MODE)
  @IfGiven()
  @IsBoolean()
  test_mode?: boolean;
}

export class StopEngine {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    example: false,
    description: 'Cancels the autonomous workflows that run; else they run to their end.',
  })
  @IfGiven()
  @IsBoolean()
  cancel_running?: boolean;
}

export class EngineConfigDto {
  @ApiProperty(INTERVAL)
  evaluation_interval!: number;

  @ApiProperty(TASKS)
  max_concurrent_tasks!: number;

  @ApiProperty(THRESHOLD)
  min_arbitration_threshold!: number;

  @ApiProperty(SAFETY)
  safety_enabled!: boolean;

  @ApiProperty(TEST_MODE)
  test_mode!: boolean;
}

export class EngineConfigAnswer {
  @ApiProperty({ type: String, example: 'The configuration was changed.' })
  message!: string;

  @ApiProperty({ type: EngineConfigDto })
  config!: EngineConfigDto;

  @ApiProperty(STARTED)
  timestamp!: string;
}

export class EngineStarted extends EngineConfigAnswer {
  @ApiProperty({ enum: ['running'], enumName: 'EngineRunning', example: 'running' })
  status!: 'running';
}

export class EngineStopped {
  @ApiProperty({ type: String, example: 'The motivation engine was stopped.' })
  message!: string;

  @ApiProperty({ enum: ['stopped'], enumName: 'EngineStoppedStatus', example: 'stopped' })
  status!: 'stopped';

  @ApiProperty({ ...COUNT, description: 'Autonomous workflows that were told to end.' })
  cancelled_tasks!: number;

  @ApiProperty(STARTED)
  timestamp!: string;
}

export const ENGINE_STATUSES = ['not_initialized', 'running', 'stopped'] as const;
export type EngineStatus = (typeof ENGINE_STATUSES)[number];

export class EngineStatusDto extends EngineConfigDto {
  @ApiProperty({ enum: ENGINE_STATUSES, enumName: 'EngineStatus', example: 'running' })
  status!: EngineStatus;

  @ApiProperty({ type: Boolean, example: true })
  running!: boolean;

  @ApiProperty({ ...NEVER, description: 'Null before the first start.' })
  started_at!: string | null;

  @ApiProperty({ ...NEVER, description: 'Null while it runs.' })
  stopped_at!: string | null;

  @ApiProperty({ ...NEVER, description: 'The last evaluation that succeeded.' })
  last_evaluation_at!: string | null;

  @ApiProperty({ ...NEVER, description: 'Null while it does not run.' })
  next_evaluation_at!: string | null;

  @ApiProperty({ ...COUNT, description: 'That succeeded, ever.' })
  evaluations!: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The replica that evaluated last.' })
  leader!: string | null;

  @ApiProperty({ ...COUNT, description: 'Evaluations that failed since the last one that succeeded.' })
  errors_in_row!: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the last evaluation failed.' })
  last_error!: string | null;

  @ApiProperty(NEVER)
  last_error_at!: string | null;

  @ApiProperty(STARTED)
  timestamp!: string;
}
