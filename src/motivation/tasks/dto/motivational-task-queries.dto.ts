import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { OffsetQuery, toInteger } from '../../../http/page-query.dto.js';

export class RecentTasksQuery extends OffsetQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 10, description: 'Tasks, newest first.' })
  override limit = 10;
}

export class FeedbackQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 365,
    default: 7,
    description: 'Days back from now, in which the tasks ended.',
  })
  @Transform(toInteger)
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(365)
  days = 7;

  @ApiPropertyOptional({
    type: String,
    pattern: '^[a-z][a-z_]{0,99}$',
    example: 'explore_recent_failure',
    description: 'Of this motivation only; 404 when there is none of that name.',
  })
  @IsOptional()
  @Matches(/^[a-z][a-z_]{0,99}$/, { message: 'must be 1 to 100 of a-z and _, a letter first' })
  motivation_type?: string;
}
