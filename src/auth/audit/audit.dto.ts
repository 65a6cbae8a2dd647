import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { IsTimestamp } from '../../http/is-timestamp.decorator.js';
import { PageQuery } from '../../http/page-query.dto.js';
import { AUDIT_OUTCOMES, type AuditOutcome } from './audit.values.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, maxLength: 100, description: 'Of this user or API key.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  actor_id?: string;

  @ApiPropertyOptional({ type: String, maxLength: 100, example: 'createUser' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  action?: string;

  @ApiPropertyOptional({ enum: AUDIT_OUTCOMES, enumName: 'AuditOutcome' })
  @IsOptional()
  @IsIn(AUDIT_OUTCOMES)
  outcome?: AuditOutcome;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'From this moment on.' })
  @IsOptional()
  @IsTimestamp()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Before this moment.' })
  @IsOptional()
  @IsTimestamp()
  to?: string;
}

export class AuditActor {
  @ApiProperty({ type: String, example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'ada' })
  username!: string;

  @ApiProperty({ type: String, example: 'user' })
  kind!: string;

  @ApiProperty({ type: String, example: 'admin' })
  role!: string;
}

export class AuditEntryView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 42, description: '1, 2, 3 …, without gaps.' })
  seq!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-30T08:00:00.000Z' })
  at!: string;

  @ApiProperty({
    type: AuditActor,
    nullable: true,
    description:
      'Null: nobody that NYX knows. What a schedule or a trigger starts is its owner’s, what the motivation engine starts is `autonomous`.',
  })
  actor!: AuditActor | null;

  @ApiProperty({
    type: String,
    example: 'createUser',
    description:
      'The operation, as this description names it; scheduleStartsWorkflow, triggerStartsWorkflow or engineStartsWorkflow for what NYX starts by itself, retentionCutsAuditLog when the oldest entries went.',
  })
  action!: string;

  @ApiProperty({ type: String, example: 'POST', description: '`-` where no request was.' })
  method!: string;

  @ApiProperty({ type: String, example: '/api/v1/auth/users' })
  path!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'What it was done to.' })
  target!: string | null;

  @ApiProperty({
    enum: AUDIT_OUTCOMES,
    enumName: 'AuditOutcome',
    example: 'done',
    description: 'An act that was begun and has no end under its request id was cut short.',
  })
  outcome!: AuditOutcome;

  @ApiProperty({ type: 'integer', nullable: true, example: 201 })
  status!: number | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_code!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  address!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '019ab0c4-aaaa-7bbb-8ccc-dddddddddddd' })
  request_id!: string | null;

  @ApiProperty({ type: 'integer', minimum: 1, example: 1, description: 'How many acts alike it stands for.' })
  repeated!: number;

  @ApiProperty({ type: String, example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
  hash!: string;
}

export class AuditPage {
  @ApiProperty({ type: [AuditEntryView] })
  items!: AuditEntryView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
