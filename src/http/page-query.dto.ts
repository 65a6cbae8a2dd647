import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Digits become a number; everything else stays as it is and fails the number's own rules. */
export const toInteger = ({ value }: TransformFnParams): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : (value as unknown);

export class LimitQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 20, description: 'Items on a page.' })
  @Transform(toInteger)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 20;
}

/** What every list takes: newest first, a page at a time. */
export class PageQuery extends LimitQuery {
  @ApiPropertyOptional({ type: String, description: 'The `next_cursor` of the page before.', maxLength: 200 })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** What lists with a position instead of a cursor take. */
export class OffsetQuery extends LimitQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000, default: 0, description: 'Items to skip.' })
  @Transform(toInteger)
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  offset = 0;
}
