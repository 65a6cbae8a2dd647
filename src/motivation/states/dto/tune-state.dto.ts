import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNumber, Max, Min } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';

const level = (example: number, description: string) =>
  ({ type: Number, minimum: 0, maximum: 1, example, description }) as const;

/** What an admin sets of a motivation; at least one member. */
export class TuneState {
  @ApiPropertyOptional({ type: Boolean, example: true, description: 'False: it gets no task and no boost.' })
  @IfGiven()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional(level(0.02, 'Loss of urgency in 30 s. What was learned of it is forgotten.'))
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1)
  decay_rate?: number;

  @ApiPropertyOptional({
    type: Number,
    minimum: 0,
    maximum: 5,
    example: 1.5,
    description: 'Times each boost. What was learned of it is forgotten.',
  })
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(5)
  boost_factor?: number;

  @ApiPropertyOptional(level(0.9, 'An urgency above it is lowered to it.'))
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1)
  max_urgency?: number;

  @ApiPropertyOptional(level(0.1, 'A satisfaction below it is raised to it.'))
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1)
  min_satisfaction?: number;

  @ApiPropertyOptional(level(0.1, 'As it is from now on; at most `max_urgency`.'))
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1)
  urgency?: number;

  @ApiPropertyOptional(level(0.5, 'As it is from now on; at least `min_satisfaction`.'))
  @IfGiven()
  @IsNumber()
  @Min(0)
  @Max(1)
  satisfaction?: number;
}
