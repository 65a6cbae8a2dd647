import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import { BUDGET_SCOPE_KINDS, type BudgetScopeKind } from './budget.values.js';

/** The smallest amount that the database tells from nothing. */
const MIN_LIMIT_USD = 1e-10;
const MAX_LIMIT_USD = 1_000_000_000;

const usd = { type: Number, minimum: 0 } as const;
const kind = { enum: BUDGET_SCOPE_KINDS, enumName: 'BudgetScopeKind' } as const;
const time = { type: String, format: 'date-time' } as const;

export class BudgetQuery extends PageQuery {
  @ApiPropertyOptional({ ...kind, description: 'Of this kind.' })
  @IsOptional()
  @IsIn(BUDGET_SCOPE_KINDS)
  kind?: BudgetScopeKind;
}

export class BudgetChange {
  @ApiProperty({
    type: Number,
    minimum: MIN_LIMIT_USD,
    maximum: MAX_LIMIT_USD,
    nullable: true,
    example: 20,
    description:
      "USD, for this scope alone. null takes the scope's own limit away: the one configured for its kind holds again, or the one that the workflow was accepted with.",
  })
  @ValidateIf((_change, value) => value !== null)
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(MIN_LIMIT_USD)
  @Max(MAX_LIMIT_USD)
  limit_usd!: number | null;
}

/** What a balance belongs to. */
export class BudgetPlace {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-2222-7333-8444-555566667777' })
  id!: string;

  @ApiProperty({ ...kind, example: 'principal_day' })
  kind!: BudgetScopeKind;

  @ApiProperty({
    type: String,
    example: '019ab0c4-1111-7222-8333-444455556666',
    description:
      "The workflow's id, the principal's id, or the principal's id and the name of its session; empty for the whole system.",
  })
  key!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-24',
    description: 'The UTC day or month it is for; null for workflows and sessions.',
  })
  period!: string | null;
}

export class BudgetView extends BudgetPlace {
  @ApiProperty({ ...usd, nullable: true, example: 20, description: 'The limit that holds; null: none.' })
  limit_usd!: number | null;

  @ApiProperty({ ...usd, nullable: true, example: null, description: 'Set for this scope alone, by an admin.' })
  own_limit_usd!: number | null;

  @ApiProperty({ ...usd, example: 1.2345678901 })
  spent_usd!: number;

  @ApiProperty({ ...usd, example: 0.01, description: 'The worst case of calls that are on their way.' })
  reserved_usd!: number;

  @ApiProperty({ ...usd, example: 0, description: 'The worst case of calls of which nobody knows what came.' })
  in_doubt_usd!: number;

  @ApiProperty({ ...usd, nullable: true, example: 18.7554321099, description: 'What may still be reserved.' })
  remaining_usd!: number | null;

  @ApiProperty({ ...time, nullable: true, example: null, description: 'When its use first passed 80 % of the limit.' })
  warned_at!: string | null;

  @ApiProperty({ ...time, example: '2026-11-24T00:00:03.120Z' })
  created_at!: string;

  @ApiProperty({ ...time, example: '2026-11-24T11:31:23.000Z' })
  updated_at!: string;
}

export class BudgetPage {
  @ApiProperty({ type: [BudgetView] })
  items!: BudgetView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
