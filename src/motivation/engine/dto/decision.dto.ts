import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, Matches } from 'class-validator';
import { PageQuery } from '../../../http/page-query.dto.js';
import { toBoolean } from '../../../http/to-boolean.js';
import { REJECTIONS, type RejectionReason } from '../../dynamics/dynamics.types.js';
import { MOTIVATION_CATEGORIES } from '../../motivations/motivation.js';
import { EngineConfigDto } from './engine.dto.js';

const fraction = (example: number, description?: string) =>
  ({ type: Number, minimum: 0, maximum: 1, example, description }) as const;
const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TYPE = { type: String, example: 'explore_recent_failure' } as const;

export class DecisionQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    maxLength: 100,
    pattern: '^[a-z][a-z_]{0,99}$',
    description: 'Shows this motivation alone; with `spawned`, the evaluations that did or did not spawn a task of it.',
  })
  @IsOptional()
  @IsString()
  @Matches(/^[a-z][a-z_]{0,99}$/, { message: 'must be 1 to 100 of a-z and _, a letter first' })
  motivation_type?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'Only evaluations that did, or did not, spawn a task.' })
  @Transform(toBoolean)
  @IsOptional()
  @IsBoolean()
  spawned?: boolean;
}

export class DecidedStateDto {
  @ApiProperty(fraction(0.42))
  urgency!: number;

  @ApiProperty(fraction(0.4))
  satisfaction!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 1.3 })
  boost_factor!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 0.1 })
  decay_rate!: number;
}

export class DecisionFactorsDto {
  @ApiProperty(fraction(0.52))
  urgency!: number;

  @ApiProperty(fraction(0.4))
  satisfaction!: number;

  @ApiProperty(fraction(1, 'Of its success rate, from three attempts on.'))
  success!: number;

  @ApiProperty({ type: Number, minimum: 1, maximum: 1.5, example: 1, description: 'Of the time since its last task.' })
  time!: number;
}

export class EvidenceRowDto {
  @ApiProperty({ type: String, example: 'tool' })
  kind!: string;

  @ApiProperty({ type: String, example: 'http_request', description: 'Its key, as the API knows it.' })
  id!: string;
}

export class DecisionEvidenceDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 1, description: '0: its condition does not hold.' })
  count!: number;

  @ApiProperty({ type: String, example: '1 tool failed at least 3 times in 1 h' })
  summary!: string;

  @ApiProperty({ type: [EvidenceRowDto] })
  rows!: EvidenceRowDto[];
}

export class RejectionDto {
  @ApiProperty({ enum: REJECTIONS, enumName: 'RejectionReason', example: 'cooldown' })
  reason!: RejectionReason;

  @ApiProperty({ type: String, example: 'It had a task; its cooldown lasts 120 s more.' })
  detail!: string;
}

export class ConsideredDto {
  @ApiProperty(TYPE)
  motivation_type!: string;

  @ApiProperty({ type: String, example: 'remedial', description: `Usually ${MOTIVATION_CATEGORIES.join(', ')}.` })
  category!: string;

  @ApiProperty({ type: Boolean, example: true, description: 'Whether a task was spawned.' })
  chosen!: boolean;

  @ApiProperty({ ...ID, nullable: true, description: 'The task, and its workflow: they share the id.' })
  task_id!: string | null;

  @ApiProperty(fraction(0.312))
  score!: number;

  @ApiProperty({ type: DecisionFactorsDto, description: 'What the score is made of.' })
  factors!: DecisionFactorsDto;

  @ApiProperty(fraction(0.1, 'What the evidence adds to the urgency in 30 s, before the boost factor.'))
  boost!: number;

  @ApiProperty({ type: DecisionEvidenceDto, nullable: true, description: 'Null: it was not looked at, or in vain.' })
  evidence!: DecisionEvidenceDto | null;

  @ApiProperty({ type: DecidedStateDto })
  before!: DecidedStateDto;

  @ApiProperty({ type: DecidedStateDto, description: 'After time, evidence, and the discharge by a task.' })
  after!: DecidedStateDto;

  @ApiProperty({ type: [RejectionDto], description: 'Why it got no task: all that applies.' })
  rejections!: RejectionDto[];
}

export class ChosenDto {
  @ApiProperty(TYPE)
  motivation_type!: string;

  @ApiProperty(ID)
  task_id!: string;

  @ApiProperty(fraction(0.312))
  score!: number;
}

export class DecisionDto {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  evaluated_at!: string;

  @ApiProperty({ ...ID, description: 'The replica that evaluated.' })
  executor_id!: string;

  @ApiProperty({ type: Number, minimum: 0, example: 30.002, description: 'Since the evaluation before, or the start.' })
  elapsed_seconds!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 8.4 })
  duration_ms!: number;

  @ApiProperty({ type: EngineConfigDto, description: 'As it was then.' })
  config!: EngineConfigDto;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1, description: 'Tasks that it spawned.' })
  spawned!: number;

  @ApiProperty({ type: [ChosenDto] })
  chosen!: ChosenDto[];

  @ApiProperty({ type: [ConsideredDto] })
  considered!: ConsideredDto[];
}

export class DecisionPage {
  @ApiProperty({ type: [DecisionDto] })
  items!: DecisionDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
