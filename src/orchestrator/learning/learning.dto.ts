import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { LEVELS, type Level } from '../planning/complexity.rules.js';
import { INPUT_TYPES, STRATEGIES, type InputType, type StrategyName } from '../workflows/workflow.values.js';

const SHARE = { type: Number, minimum: 0, maximum: 1 } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;

export class GiveFeedback {
  @ApiProperty({ ...SHARE, example: 0.9, description: 'How useful the result was.' })
  @IsNumber()
  @Min(0)
  @Max(1)
  score!: number;

  @ApiPropertyOptional({ type: String, maxLength: 2000, example: 'Just what I needed.' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  comment?: string;
}

export class WorkflowScores {
  @ApiProperty({ ...SHARE, example: 0.75, description: 'Against the median of its class; 0.5 while that has none.' })
  speed!: number;

  @ApiProperty({ ...SHARE, example: 1 })
  quality!: number;

  @ApiProperty({ ...SHARE, example: 1 })
  success!: number;

  @ApiProperty({ ...SHARE, example: 0.876 })
  usefulness!: number;

  @ApiProperty({ ...SHARE, example: 0.9251 })
  composite!: number;
}

export class GivenFeedback {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  workflow_id!: string;

  @ApiProperty({ ...SHARE, example: 0.9 })
  score!: number;

  @ApiProperty({ type: String, nullable: true, example: 'Just what I needed.' })
  comment!: string | null;

  @ApiProperty({ type: WorkflowScores, description: 'With the feedback of everyone.' })
  scores!: WorkflowScores;

  @ApiProperty({ ...TIME })
  timestamp!: string;
}

export class StrategyPosterior {
  @ApiProperty({ enum: STRATEGIES, enumName: 'Strategy', example: 'parallel_execution' })
  strategy!: StrategyName;

  @ApiProperty({ type: 'integer', example: 12, description: 'Newest ended workflows that are counted, at most 50.' })
  samples!: number;

  @ApiProperty({ type: Number, example: 11.4, description: '1 + what was a success; feedback makes fractions.' })
  alpha!: number;

  @ApiProperty({ type: Number, example: 2.6, description: '1 + what was none.' })
  beta!: number;

  @ApiProperty({ ...SHARE, example: 0.814286, description: 'Expected success: alpha / (alpha + beta).' })
  mean!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 0.1004, description: 'Standard deviation of the expectation.' })
  deviation!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 0.0041, description: 'Mean, in USD.' })
  mean_cost_usd!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 8400, description: 'Mean, in milliseconds.' })
  mean_duration_ms!: number;

  @ApiProperty({ type: Boolean, example: true, description: 'Whether it has the samples to be chosen by.' })
  is_used!: boolean;
}

export class LearnedClass {
  @ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'structured_task' })
  input_type!: InputType;

  @ApiProperty({ enum: LEVELS, enumName: 'ComplexityLevel', example: 'high' })
  complexity!: Level;

  @ApiProperty({ type: [StrategyPosterior], description: 'Strategies that have run, the most successful first.' })
  strategies!: StrategyPosterior[];
}

export class Learning {
  @ApiProperty({ type: [LearnedClass] })
  classes!: LearnedClass[];

  @ApiProperty({ type: 'integer', example: 1 })
  count!: number;

  @ApiProperty({ type: 'integer', example: 5, description: 'Samples from which on a strategy is chosen by them.' })
  enough_samples!: number;

  @ApiProperty({ ...TIME })
  timestamp!: string;
}
