import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { PageQuery } from '../../../http/page-query.dto.js';
import { IfGivenUuid } from '../../given-uuid.decorator.js';
import {
  IMPORTANCE_LEVELS,
  THOUGHT_STATUSES,
  type ImportanceLevel,
  type ThoughtStatus,
} from '../thought-tree.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const SCORE = { type: Number, minimum: 0, maximum: 1, nullable: true, example: 0.86 } as const;

export class ThoughtFilter extends PageQuery {
  @ApiPropertyOptional({ enum: THOUGHT_STATUSES, enumName: 'ThoughtStatus' })
  @IsOptional()
  @IsIn(THOUGHT_STATUSES)
  status?: ThoughtStatus;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only thoughts of this workflow.' })
  @IfGivenUuid()
  root_id?: string;
}

export class ThoughtView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID, nullable: true, example: null })
  parent_id!: string | null;

  @ApiProperty({ ...ID, description: 'The root of the tree; its id is the workflow’s.' })
  root_id!: string;

  @ApiProperty({ type: String, example: 'Compare three databases.' })
  goal!: string;

  @ApiProperty({ enum: THOUGHT_STATUSES, enumName: 'ThoughtStatus', example: 'completed' })
  status!: ThoughtStatus;

  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  depth!: number;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME })
  updated_at!: string;

  @ApiProperty({ ...TIME, nullable: true })
  completed_at!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  metadata!: Record<string, unknown>;

  @ApiProperty({ ...SCORE })
  success_score!: number | null;

  @ApiProperty({ ...SCORE })
  quality_score!: number | null;

  @ApiProperty({ ...SCORE })
  speed_score!: number | null;

  @ApiProperty({ ...SCORE })
  usefulness_score!: number | null;

  @ApiProperty({ type: Number, minimum: 0, maximum: 1, example: 0.5, description: 'The composite score, once scored.' })
  overall_weight!: number;

  @ApiProperty({ enum: ['low', 'medium', 'high'], enumName: 'ImportanceLevel', example: 'medium' })
  importance_level!: string;
}

export class ThoughtChange {
  @ApiPropertyOptional({ enum: IMPORTANCE_LEVELS, enumName: 'ImportanceLevel', example: 'high' })
  @IfGiven()
  @IsIn(IMPORTANCE_LEVELS)
  importance_level?: ImportanceLevel;

  @FreeForm({
    description:
      'Members to add, to change, or (null) to take away again; at most 16 KiB in all. What NYX keeps there itself cannot be changed.',
    example: { reviewed_by: 'ada' },
  })
  metadata?: Record<string, unknown>;
}

export class ThoughtPage {
  @ApiProperty({ type: [ThoughtView] })
  items!: ThoughtView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
