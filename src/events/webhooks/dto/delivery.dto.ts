import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { PageQuery } from '../../../http/page-query.dto.js';
import { EVENT_TYPES, type EventType } from '../../event-log.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../webhook.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const STATUS = { enum: DELIVERY_STATUSES, enumName: 'DeliveryStatus', example: 'dead' } as const;

export class DeliveryQuery extends PageQuery {
  @ApiPropertyOptional({ ...STATUS, description: 'Deliveries of this status.' })
  @IfGiven()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

export class DeliveryView {
  @ApiProperty({ ...ID, description: 'The `webhook-id` of every attempt.' })
  id!: string;

  @ApiProperty(ID)
  workflow_id!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 7, description: 'The number of the event in its workflow.' })
  seq!: number;

  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType', example: 'workflow.failed' })
  type!: EventType;

  @ApiProperty({
    ...STATUS,
    description:
      '`pending`: not tried yet. `failed`: tried in vain, and to be tried again. `dead`: not tried any more by itself.',
  })
  status!: DeliveryStatus;

  @ApiProperty({ type: 'integer', minimum: 0, example: 14, description: 'Since it was last asked for.' })
  attempts!: number;

  @ApiProperty({ ...TIME, nullable: true, example: null, description: 'Null when there is none to come.' })
  next_attempt_at!: string | null;

  @ApiProperty({ ...TIME, nullable: true })
  last_attempt_at!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 500, description: 'The HTTP status of the last answer.' })
  last_status!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'It answered 500.' })
  last_error!: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  delivered_at!: string | null;

  @ApiProperty(TIME)
  created_at!: string;
}

export class DeliveryPage {
  @ApiProperty({ type: [DeliveryView] })
  items!: DeliveryView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

export class Redelivery {
  @ApiProperty({ type: 'integer', minimum: 0, example: 3, description: 'Deliveries that are tried again.' })
  redelivered!: number;
}
