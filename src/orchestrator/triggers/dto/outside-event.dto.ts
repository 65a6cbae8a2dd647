import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { PageQuery } from '../../../http/page-query.dto.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TYPE = { type: String, minLength: 1, maxLength: 200, example: 'build.failed' } as const;
const SOURCE = { type: String, minLength: 1, maxLength: 200, example: 'ci' } as const;
const DETAILS = { branch: 'main', build: { duration: 900 } };

export class TellEvent {
  @ApiProperty(TYPE)
  @IsString()
  @Length(1, 200)
  type!: string;

  @ApiProperty(SOURCE)
  @IsString()
  @Length(1, 200)
  source!: string;

  @FreeForm({ description: 'What is to be known of it.', example: DETAILS })
  details?: Record<string, unknown>;
}

export class StartedWorkflow {
  @ApiProperty(ID)
  trigger_id!: string;

  @ApiProperty(ID)
  workflow_id!: string;
}

export class SkippedTrigger {
  @ApiProperty(ID)
  trigger_id!: string;

  @ApiProperty({
    type: String,
    example: 'debounced',
    description: '`debounced`, or why its template could not be run.',
  })
  reason!: string;
}

export class EventOutcome {
  @ApiProperty(ID)
  event_id!: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 2, description: 'Triggers that match.' })
  matched!: number;

  @ApiProperty({ type: [StartedWorkflow] })
  workflows!: StartedWorkflow[];

  @ApiProperty({ type: [SkippedTrigger], description: 'Triggers that match and started nothing.' })
  skipped!: SkippedTrigger[];
}

export class OutsideEventQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, minLength: 1, maxLength: 200, description: 'Events of this type.' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  type?: string;
}

export class OutsideEventSummary extends EventOutcome {
  @ApiProperty(TYPE)
  type!: string;

  @ApiProperty(SOURCE)
  source!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  created_at!: string;
}

export class OutsideEventView extends OutsideEventSummary {
  @ApiProperty({ type: 'object', additionalProperties: true, example: DETAILS })
  details!: Record<string, unknown>;
}

export class OutsideEventPage {
  @ApiProperty({ type: [OutsideEventSummary] })
  items!: OutsideEventSummary[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
