import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import { BudgetPlace } from './budget.dto.js';

const OPEN_STATUSES = ['in_doubt', 'reserved'] as const;
type OpenStatus = (typeof OPEN_STATUSES)[number];

const id = { type: String, format: 'uuid' } as const;
const interactionId = { ...id, example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const amount = { type: Number, minimum: 0, example: 0.0021, description: 'USD: the most that the call can have cost.' };
const time = { type: String, format: 'date-time' } as const;

export class ReservationQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: OPEN_STATUSES,
    enumName: 'OpenReservationStatus',
    default: 'in_doubt',
    description: 'reserved: the call is on its way. in_doubt: nobody knows what came of it.',
  })
  @IsIn(OPEN_STATUSES)
  status: OpenStatus = 'in_doubt';
}

export class ReservationView {
  @ApiProperty(interactionId)
  interaction_id!: string;

  @ApiProperty({ enum: OPEN_STATUSES, enumName: 'OpenReservationStatus', example: 'in_doubt' })
  status!: OpenStatus;

  @ApiProperty(amount)
  amount_usd!: number;

  @ApiProperty({ ...time, example: '2026-11-24T11:31:23.000Z', description: 'When it was reserved.' })
  reserved_at!: string;

  @ApiProperty({
    type: String,
    example: '019ab0c4-9999-7aaa-8bbb-ccccddddeeee',
    description: 'The process that made the call.',
  })
  executor_id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'generate', description: 'What the call was for.' })
  purpose!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'claude-haiku-5-5' })
  model!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '019ab0c4-1111-7222-8333-444455556666' })
  principal_id!: string | null;

  @ApiProperty({ ...id, nullable: true, example: null })
  workflow_id!: string | null;

  @ApiProperty({ type: [BudgetPlace], description: 'The balances it counts in.' })
  scopes!: BudgetPlace[];
}

export class ReservationPage {
  @ApiProperty({ type: [ReservationView] })
  items!: ReservationView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

export class ReservationRelease {
  @ApiProperty(interactionId)
  interaction_id!: string;

  @ApiProperty({ type: String, enum: ['released'], example: 'released' })
  status!: 'released';

  @ApiProperty(amount)
  amount_usd!: number;

  @ApiProperty({ type: String, example: '019ab0c4-1111-7222-8333-444455556666', description: 'The admin.' })
  released_by!: string;

  @ApiProperty({ ...time, example: '2026-11-24T11:35:00.000Z' })
  released_at!: string;
}
