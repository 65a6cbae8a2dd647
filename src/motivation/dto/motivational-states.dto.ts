import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../http/plain.js';

const fraction = (example: number, description?: string) =>
  ({ type: Number, minimum: 0, maximum: 1, example, description }) as const;
const count = { type: 'integer', minimum: 0, example: 0 } as const;
const moment = (description: string) =>
  ({ type: String, format: 'date-time', nullable: true, example: null, description }) as const;

export class MotivationalStateDto {
  @ApiProperty({ type: String, example: 'maximize_coverage' })
  motivation_type!: string;

  @ApiProperty(fraction(0.1))
  urgency!: number;

  @ApiProperty(fraction(0.6))
  satisfaction!: number;

  @ApiProperty(fraction(0.04, 'How much it asks to be served now.'))
  arbitration_score!: number;

  @ApiProperty(fraction(0))
  success_rate!: number;

  @ApiProperty(count)
  total_attempts!: number;

  @ApiProperty(count)
  success_count!: number;

  @ApiProperty(count)
  failure_count!: number;

  @ApiProperty({ type: Boolean, example: true })
  is_active!: boolean;

  @ApiProperty(moment('When its last task was spawned.'))
  last_triggered!: string | null;

  @ApiProperty(moment('When a task of it last succeeded.'))
  last_satisfied!: string | null;

  @ApiProperty({ type: Number, minimum: 0, example: 0.01, description: 'Loss of urgency in 30 s.' })
  decay_rate!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 1 })
  boost_factor!: number;

  @ApiProperty(fraction(1))
  max_urgency!: number;
}

export class MotivationalStatesDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 6 })
  total_active_states!: number;

  @ApiProperty({ type: [MotivationalStateDto] })
  states!: Plain<MotivationalStateDto>[];

  @ApiProperty({ type: Boolean, example: false })
  engine_running!: boolean;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
