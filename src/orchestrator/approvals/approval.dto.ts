import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import {
  APPROVAL_KINDS,
  APPROVAL_STATUSES,
  DECISIONS,
  type ApprovalKind,
  type ApprovalStatus,
  type Decision,
} from './approval.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;

export class ApprovalFilter extends PageQuery {
  @ApiPropertyOptional({ enum: APPROVAL_STATUSES, enumName: 'ApprovalStatus' })
  @IsOptional()
  @IsIn(APPROVAL_STATUSES)
  status?: ApprovalStatus;
}

export class ApprovalAnswer {
  @ApiProperty({ enum: DECISIONS, enumName: 'ApprovalDecision', example: 'approve' })
  @IsIn(DECISIONS)
  decision!: Decision;

  @ApiPropertyOptional({
    type: String,
    maxLength: 2_000,
    example: 'Only this once.',
    description: 'The agent reads it when its call is rejected.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  comment?: string;
}

export class ApprovalView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ ...ID, nullable: true })
  thought_id!: string | null;

  @ApiProperty({ ...ID, nullable: true, description: 'Whose call it is; null for a review of the result.' })
  agent_id!: string | null;

  @ApiProperty({ enum: APPROVAL_KINDS, enumName: 'ApprovalKind', example: 'tool_call' })
  kind!: ApprovalKind;

  @ApiProperty({ type: String, nullable: true, example: 'shell_command' })
  tool_name!: string | null;

  @ApiProperty({
    type: String,
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    description: 'SHA-256 of the tool and its arguments, or of the whole result: the answer holds for that alone.',
  })
  arguments_hash!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { command: 'npm test' },
    description: 'Exactly what is asked about, with values that may be secret; of a result the beginning.',
  })
  parameters!: Record<string, unknown>;

  @ApiProperty({ type: String, nullable: true, example: 'execute' })
  risk!: string | null;

  @ApiProperty({
    type: String,
    example: 'This call of shell_command has the risk execute, which this workflow was not given.',
  })
  reason!: string;

  @ApiProperty({ enum: APPROVAL_STATUSES, enumName: 'ApprovalStatus', example: 'pending' })
  status!: ApprovalStatus;

  @ApiProperty({
    enum: DECISIONS,
    enumName: 'ApprovalDecision',
    example: 'reject',
    description: 'Holds when nobody answers.',
  })
  default_decision!: Decision;

  @ApiProperty({ ...TIME, description: 'Nobody can answer after it.' })
  deadline_at!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  answered_by!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  comment!: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  answered_at!: string | null;

  @ApiProperty({ ...TIME })
  created_at!: string;
}

export class ApprovalPage {
  @ApiProperty({ type: [ApprovalView] })
  items!: ApprovalView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

export class WorkflowApprovals {
  @ApiProperty({ type: [ApprovalView], description: 'Those that wait first, else newest first; at most 500.' })
  items!: ApprovalView[];
}
