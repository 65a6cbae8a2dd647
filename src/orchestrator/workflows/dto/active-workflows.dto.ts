import { ApiProperty } from '@nestjs/swagger';
import { WORKFLOW_STATUSES, type WorkflowStatus } from '../workflow.values.js';

const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;

export class ActiveWorkflow {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  workflow_id!: string;

  @ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'in_progress' })
  status!: WorkflowStatus;

  @ApiProperty({ type: String, example: 'Compare three databases.' })
  goal!: string;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME })
  updated_at!: string;

  @ApiProperty({ type: 'integer', example: 1, description: 'Levels of thoughts below the root.' })
  depth!: number;

  @ApiProperty({ enum: ['low', 'medium', 'high'], enumName: 'ImportanceLevel', example: 'medium' })
  importance_level!: string;
}

export class ActiveWorkflows {
  @ApiProperty({ type: [ActiveWorkflow] })
  active_workflows!: ActiveWorkflow[];

  @ApiProperty({ type: 'integer', example: 1, description: 'Items on this page.' })
  count!: number;

  @ApiProperty({ type: 'integer', example: 10 })
  limit!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset!: number;

  @ApiProperty({ ...TIME })
  timestamp!: string;
}
