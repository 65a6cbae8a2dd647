import { ApiProperty } from '@nestjs/swagger';

export class ErasureView {
  @ApiProperty({ type: String, example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  user_id!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-30T12:00:00.000Z' })
  requested_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Null while it is under way.',
  })
  completed_at!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, example: 0, description: 'Workflows erased so far.' })
  workflows!: number;
}
