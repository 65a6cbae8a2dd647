import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../tool-run.js';
import { OUTPUT_PROPERTY, OUTPUT_TEXT_PROPERTY } from '../dto/output-properties.js';

export class ExecutionQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, maxLength: 100, example: 'file_operations', description: 'Of this tool.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  tool_name?: string;

  @ApiPropertyOptional({ enum: EXECUTION_STATUSES, enumName: 'ToolExecutionStatus', description: 'In this status.' })
  @IsOptional()
  @IsIn(EXECUTION_STATUSES)
  status?: ExecutionStatus;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this agent.' })
  @IsOptional()
  @IsUUID()
  agent_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this thought.' })
  @IsOptional()
  @IsUUID()
  thought_tree_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of the agents of this workflow.' })
  @IsOptional()
  @IsUUID()
  workflow_id?: string;
}

const IN_LISTS = 'In lists null where it is over 2,000 bytes.';
const reference = { type: String, format: 'uuid', nullable: true, example: null } as const;

export class ExecutionView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'file_operations' })
  tool_name!: string;

  @ApiProperty({ type: String, example: 'FileOperationsTool' })
  tool_class!: string;

  @ApiProperty({
    enum: EXECUTION_STATUSES,
    enumName: 'ToolExecutionStatus',
    example: 'succeeded',
    description: 'unknown: its process died, or it was stopped, while it ran, and nobody can say whether it acted.',
  })
  status!: ExecutionStatus;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'What refused it.' })
  rule!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, example: true })
  success!: boolean | null;

  @ApiProperty({ type: String, example: '019ab0c4-1111-7222-8333-444455556666', description: 'For whom it ran.' })
  principal_id!: string;

  @ApiProperty({ ...reference, description: 'Of an agent’s run; null for a person’s.' })
  workflow_id!: string | null;

  @ApiProperty(reference)
  thought_tree_id!: string | null;

  @ApiProperty(reference)
  agent_id!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { operation: 'read_file', path: 'notes.md' },
    description: IN_LISTS,
  })
  input_parameters!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '9f2feb0f1ef425b292f2f94bc8482494df9b6b7c8a8b1f5b6e8a2a0f5d1c7e3b',
    description: 'SHA-256 of the tool and exactly these parameters; null when they were not valid.',
  })
  arguments_hash!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: {},
    description: `What the tool tells beside its output, and what of that was cut. ${IN_LISTS}`,
  })
  metadata!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({ ...OUTPUT_PROPERTY, description: `At most 1 MiB of JSON. ${IN_LISTS}` })
  output_result!: unknown;

  @ApiProperty({ ...OUTPUT_TEXT_PROPERTY, description: `At most 1 MiB. ${IN_LISTS}` })
  stdout!: string | null;

  @ApiProperty({ ...OUTPUT_TEXT_PROPERTY, description: `At most 1 MiB. ${IN_LISTS}` })
  stderr!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_message!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  exit_code!: number | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    example: 12,
    description: 'Null when it was not run, and while, or when, nobody knows.',
  })
  duration_ms!: number | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'How often it was begun anew after its process died.',
  })
  retry_count!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T08:00:00.012Z' })
  completed_at!: string | null;
}

export class ExecutionPage {
  @ApiProperty({ type: [ExecutionView] })
  items!: ExecutionView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
