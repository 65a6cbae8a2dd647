import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IsDay } from '../../http/is-day.decorator.js';
import { toInteger } from '../../http/page-query.dto.js';
import { USAGE_KINDS, type UsageKind } from './usage.values.js';

const count = { type: 'integer', minimum: 0 } as const;
const usd = { type: Number, minimum: 0 } as const;

export class CostsQuery {
  @ApiProperty({
    enum: USAGE_KINDS,
    enumName: 'UsageKind',
    description: 'Origin is what started the workflow: user, motivation, schedule; api outside of workflows.',
  })
  @IsIn(USAGE_KINDS)
  by!: UsageKind;

  @ApiPropertyOptional({
    type: String,
    format: 'date',
    example: '2026-10-25',
    description: 'The first day (UTC, of the request); default: 30 days up to `to`.',
  })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date',
    example: '2026-11-23',
    description: 'The last day, wholly included; default: today.',
  })
  @IsOptional()
  @IsDay()
  to?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 200,
    description: 'Items on a page. Default: 20 workflows, 200 of everything else.',
  })
  @Transform(toInteger)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ type: String, maxLength: 800, description: 'The `next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(800)
  cursor?: string;
}

export class CostItem {
  @ApiProperty({
    type: String,
    example: 'claude-haiku-5-5',
    description: 'The model, day, origin, or the id of the workflow or principal (unknown: nobody’s).',
  })
  key!: string;

  @ApiPropertyOptional({
    type: String,
    example: 'Name the capital of France.',
    description: 'The beginning of a workflow’s goal, while the workflow stands.',
  })
  label?: string;

  @ApiProperty({ ...count, example: 120 })
  requests!: number;

  @ApiProperty({ ...usd, example: 0.0148 })
  cost_usd!: number;

  @ApiProperty({ ...usd, example: 0, description: 'What calls in doubt may have cost at most; not in cost_usd.' })
  in_doubt_usd!: number;

  @ApiProperty({ ...count, example: 84_000, description: 'The whole input: fresh, cache written and cache read.' })
  input_tokens!: number;

  @ApiProperty({ ...count, example: 21_000 })
  output_tokens!: number;

  @ApiProperty({ ...count, example: 48_000 })
  cache_read_input_tokens!: number;

  @ApiProperty({ type: Number, example: 0.0042, description: 'By the cache; below 0 when writing it did not pay.' })
  cost_saved_usd!: number;
}

export class CostTotal {
  @ApiProperty({ ...usd, example: 0.0148 })
  cost_usd!: number;

  @ApiProperty({ ...usd, example: 0 })
  in_doubt_usd!: number;

  @ApiProperty({ ...count, example: 120 })
  requests!: number;
}

export class CostList {
  @ApiProperty({ enum: USAGE_KINDS, enumName: 'UsageKind', example: 'model' })
  by!: UsageKind;

  @ApiProperty({ type: String, format: 'date', example: '2026-10-25' })
  from!: string;

  @ApiProperty({ type: String, format: 'date', example: '2026-11-23' })
  to!: string;

  @ApiProperty({ type: [CostItem], description: 'The dearest first; days the newest first.' })
  items!: CostItem[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;

  @ApiProperty({
    type: CostTotal,
    description: 'All calls of the period: of every page, and by workflow also those outside of workflows.',
  })
  total!: CostTotal;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
