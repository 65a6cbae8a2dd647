import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../../http/plain.js';
import { MOTIVATION_CATEGORIES, type MotivationCategory } from '../../motivations/motivation.js';

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

  @ApiProperty({ type: Boolean, example: true, description: 'False: it gets no task. Never true without code for it.' })
  is_active!: boolean;

  @ApiProperty({
    type: Boolean,
    example: true,
    description: 'False: no code defines it any more; what it learned is kept, and nothing moves it.',
  })
  is_registered!: boolean;

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

export class RecentBoostDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  at!: string;

  @ApiProperty({ type: String, example: '019ab0c4-5d6e-7f80-9123-456789abcdef', description: 'The principal.' })
  by!: string;

  @ApiProperty({ type: Number, minimum: 0, maximum: 1, example: 0.2 })
  boost_amount!: number;

  @ApiProperty({ type: String, nullable: true, example: 'A release is near.' })
  reason!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { ticket: 'OPS-7' } })
  metadata!: Record<string, unknown>;
}

export class MotivationalStateDetailDto extends MotivationalStateDto {
  @ApiProperty({ type: String, nullable: true, example: 'Does kinds of work that were rarely done.' })
  description!: string | null;

  @ApiProperty({ enum: MOTIVATION_CATEGORIES, enumName: 'MotivationCategory', nullable: true, example: 'exploratory' })
  category!: MotivationCategory | null;

  @ApiProperty({
    type: Number,
    minimum: 0,
    nullable: true,
    example: 3600,
    description: 'Between two of its tasks, outside of test mode.',
  })
  cooldown_seconds!: number | null;

  @ApiProperty(fraction(0, 'Satisfaction relaxes to this, by half in 6 h.'))
  min_satisfaction!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 0.01, description: 'What the decay rate relaxes to.' })
  base_decay_rate!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 1, description: 'What the boost factor relaxes to.' })
  base_boost_factor!: number;

  @ApiProperty({ type: [RecentBoostDto], description: 'The last ten boosts by hand, newest first.' })
  recent_boosts!: Plain<RecentBoostDto>[];

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  updated_at!: string;
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
