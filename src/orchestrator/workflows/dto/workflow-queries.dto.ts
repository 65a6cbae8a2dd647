import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IsTimestamp } from '../../../http/is-timestamp.decorator.js';
import { OffsetQuery, PageQuery, toInteger } from '../../../http/page-query.dto.js';
import { IfGivenUuid } from '../../given-uuid.decorator.js';
import {
  INPUT_TYPES,
  STRATEGIES,
  WORKFLOW_ORIGINS,
  WORKFLOW_STATUSES,
  type InputType,
  type StrategyName,
  type WorkflowOrigin,
  type WorkflowStatus,
} from '../workflow.values.js';

export class ActiveQuery extends OffsetQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 10, description: 'Items on a page.' })
  override limit = 10;
}

export class TreeQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 1000,
    description: 'Thoughts on a page, oldest first.',
  })
  @Transform(toInteger)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit = 1000;

  @ApiPropertyOptional({ type: String, description: 'The `next_cursor` of the page before.', maxLength: 200 })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

export class WorkflowFilter extends PageQuery {
  @ApiPropertyOptional({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus' })
  @IsOptional()
  @IsIn(WORKFLOW_STATUSES)
  status?: WorkflowStatus;

  @ApiPropertyOptional({ enum: INPUT_TYPES, enumName: 'InputType' })
  @IsOptional()
  @IsIn(INPUT_TYPES)
  input_type?: InputType;

  @ApiPropertyOptional({ enum: STRATEGIES, enumName: 'AnyStrategy' })
  @IsOptional()
  @IsIn(STRATEGIES)
  strategy?: StrategyName;

  @ApiPropertyOptional({ enum: WORKFLOW_ORIGINS, enumName: 'WorkflowOrigin' })
  @IsOptional()
  @IsIn(WORKFLOW_ORIGINS)
  origin?: WorkflowOrigin;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only continuations of this workflow.' })
  @IfGivenUuid()
  parent_workflow_id?: string;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Those that this schedule fired.' })
  @IfGivenUuid()
  schedule_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Those that this trigger fired.' })
  @IfGivenUuid()
  trigger_id?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Not older than this.' })
  @IsOptional()
  @IsTimestamp()
  created_after?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Older than this.' })
  @IsOptional()
  @IsTimestamp()
  created_before?: string;
}
