import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsNumber, IsPositive, IsString, Length, Max } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IfGiven } from '../../../http/if-given.decorator.js';

const AMOUNT = {
  type: Number,
  minimum: 0,
  exclusiveMinimum: true,
  maximum: 1,
  example: 0.2,
  description: 'Over 0, at most 1; times the boost factor it is added to the urgency.',
} as const;

/** A plain decimal becomes a number; everything else stays as it is and fails the number's own rules. */
const toDecimal = ({ value }: TransformFnParams): unknown =>
  typeof value === 'string' && /^-?\d{1,3}(\.\d{1,17})?$/.test(value) ? Number(value) : (value as unknown);

/** Of the second form, which has the metadata as its body. */
export class BoostQuery {
  @ApiPropertyOptional({ ...AMOUNT, description: 'When it stands here, the whole body is the metadata.' })
  @Transform(toDecimal)
  @IfGiven()
  @IsNumber()
  @IsPositive()
  @Max(1)
  boost_amount?: number;
}

export class BoostState {
  @ApiProperty(AMOUNT)
  @IsNumber()
  @IsPositive()
  @Max(1)
  boost_amount!: number;

  @ApiPropertyOptional({ type: String, minLength: 1, maxLength: 500, example: 'A release is near.' })
  @IfGiven()
  @IsString()
  @Length(1, 500)
  reason?: string;

  @FreeForm({ description: 'Kept with the boost; at most 4 KiB of JSON.', example: { ticket: 'OPS-7' } })
  metadata?: Record<string, unknown>;
}

export class BoostResult {
  @ApiProperty({ type: String, example: 'maximize_coverage was boosted by 0.2 × 1; its urgency is 0.3.' })
  message!: string;

  @ApiProperty({ type: String, example: 'maximize_coverage' })
  motivation_type!: string;

  @ApiProperty({ ...AMOUNT, description: 'As it was asked for.' })
  boost_amount!: number;

  @ApiProperty({ type: String, nullable: true, example: 'A release is near.' })
  reason!: string | null;

  @ApiProperty({ type: Number, minimum: 0, maximum: 1, example: 0.3, description: 'After the boost.' })
  urgency!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
