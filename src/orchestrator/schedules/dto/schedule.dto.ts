import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IsTemplateReference, type TemplateReference } from '../../workflow-templates/template-reference.decorator.js';
import { MISSED_FIRES, type MissedFires } from '../schedule.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const NAME = { type: String, minLength: 1, maxLength: 200, example: 'Morning report' } as const;
const CRON = {
  type: String,
  minLength: 1,
  maxLength: 200,
  example: '0 9 * * mon-fri',
  description:
    'Cron of 5 fields (minute, hour, day of the month, month, day of the week) or 6 (a second before them). A local time that does not exist fires at the first instant after the gap, one that occurs twice fires the first time only.',
} as const;
const ZONE = {
  type: String,
  minLength: 1,
  maxLength: 64,
  example: 'Europe/Berlin',
  description: 'A time zone of the IANA database.',
} as const;
const MISSED = {
  enum: MISSED_FIRES,
  enumName: 'MissedFires',
  example: 'skip',
  description:
    'What becomes of fires that are more than a minute late because no NYX ran: none of them, or one for all of them.',
} as const;

export class CreateSchedule {
  @ApiPropertyOptional({ ...NAME, description: 'Default: the name of the template, or `schedule`.' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiProperty(CRON)
  @IsString()
  @Length(1, 200)
  schedule!: string;

  @ApiPropertyOptional({ ...ZONE, default: 'UTC' })
  @IfGiven()
  @IsString()
  @Length(1, 64)
  timezone?: string;

  @ApiPropertyOptional({ ...MISSED, default: 'skip' })
  @IfGiven()
  @IsIn(MISSED_FIRES)
  missed_fires?: MissedFires;

  @IsTemplateReference({ required: true })
  workflow_template!: TemplateReference;

  @FreeForm({ description: 'What fills the `{{name}}` of the template.', example: { room: 'the lab' } })
  parameters?: Record<string, unknown>;
}

export class UpdateSchedule extends PartialType(CreateSchedule, { skipNullProperties: false }) {}

export class ScheduleView {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty({
    type: String,
    example: '019ab0c4-1111-7222-8333-444455556666',
    description:
      'Its owner, who its workflows belong to: an id, or `deployment` for the key that the deployment fixed.',
  })
  principal_id!: string;

  @ApiProperty(CRON)
  schedule!: string;

  @ApiProperty(ZONE)
  timezone!: string;

  @ApiProperty(MISSED)
  missed_fires!: MissedFires;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }],
    example: 'daily-report',
    description: 'The name of a stored template, or a request.',
  })
  workflow_template!: TemplateReference;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { room: 'the lab' } })
  parameters!: Record<string, unknown>;

  @ApiProperty({ enum: ['active', 'paused'], enumName: 'ScheduleStatus', example: 'active' })
  status!: 'active' | 'paused';

  @ApiProperty({
    type: [String],
    example: ['2026-11-24T08:00:00.000Z'],
    description: 'The next five; none while it is paused.',
  })
  next_fire_times!: string[];

  @ApiProperty({ ...TIME, nullable: true })
  last_fire_at!: string | null;

  @ApiProperty({ ...ID, nullable: true })
  last_workflow_id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the last fire started no workflow; null when it did.',
  })
  last_error!: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  last_error_at!: string | null;

  @ApiProperty(TIME)
  created_at!: string;

  @ApiProperty(TIME)
  updated_at!: string;
}

export class SchedulePage {
  @ApiProperty({ type: [ScheduleView] })
  items!: ScheduleView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

export class ScheduleRun {
  @ApiProperty(ID)
  schedule_id!: string;

  @ApiProperty({ ...ID, description: 'The workflow that was accepted.' })
  workflow_id!: string;
}
