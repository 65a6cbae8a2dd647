import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { toInteger } from '../../../http/page-query.dto.js';
import { ExecuteWorkflow } from '../../workflows/dto/execute-workflow.dto.js';
import {
  INPUT_TYPES,
  PRIORITIES,
  URGENCIES,
  type InputType,
  type Priority,
  type Urgency,
} from '../../workflows/workflow.values.js';

const NAME = { type: String, pattern: '^[a-z0-9][a-z0-9._-]{0,99}$', maxLength: 100, example: 'daily-report' } as const;
const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const FREE = { type: 'object', additionalProperties: true, example: {} } as const;
const VERSION = { type: 'integer', minimum: 1, example: 2 } as const;
const MAX_VERSION = 2_147_483_647;

export class CreateWorkflowTemplate extends ExecuteWorkflow {
  @ApiProperty({ ...NAME, description: 'Schedules and triggers name it by this.' })
  @Matches(/^[a-z0-9][a-z0-9._-]{0,99}$/, { message: 'must be 1 to 100 of a-z, 0-9 and ._-, a letter or digit first' })
  name!: string;

  @ApiPropertyOptional({ type: String, maxLength: 2000, example: 'What happened, every morning.' })
  @IfGiven()
  @IsString()
  @MaxLength(2000)
  description?: string;
}

export class UpdateWorkflowTemplate extends PartialType(CreateWorkflowTemplate, { skipNullProperties: false }) {}

export class VersionQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_VERSION, description: 'Default: the newest.' })
  @Transform(toInteger)
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(MAX_VERSION)
  version?: number;
}

export class WorkflowTemplateSummary {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty(VERSION)
  version!: number;

  @ApiProperty({ type: String, nullable: true, example: 'What happened, every morning.' })
  description!: string | null;

  @ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'user_prompt' })
  input_type!: InputType;

  @ApiProperty({ ...TIME, description: 'Of version 1.' })
  created_at!: string;

  @ApiProperty({ ...TIME, description: 'Of this version.' })
  updated_at!: string;

  @ApiProperty({ ...ID, type: String, description: 'Who made this version.' })
  created_by!: string;
}

export class WorkflowTemplateView extends WorkflowTemplateSummary {
  @ApiProperty({ type: [String], example: ['room'], description: 'The names of its placeholders.' })
  parameters!: string[];

  @ApiProperty({ ...FREE, example: { prompt: 'Sum up what happened in {{room}}.' } })
  content!: Record<string, unknown>;

  @ApiProperty(FREE)
  execution_context!: Record<string, unknown>;

  @ApiProperty(FREE)
  domain_context!: Record<string, unknown>;

  @ApiProperty(FREE)
  user_context!: Record<string, unknown>;

  @ApiProperty(FREE)
  historical_context!: Record<string, unknown>;

  @ApiProperty({ enum: PRIORITIES, enumName: 'Priority', example: 'medium' })
  priority!: Priority;

  @ApiProperty({ enum: URGENCIES, enumName: 'Urgency', example: 'normal' })
  urgency!: Urgency;
}

export class WorkflowTemplatePage {
  @ApiProperty({ type: [WorkflowTemplateSummary] })
  items!: WorkflowTemplateSummary[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
