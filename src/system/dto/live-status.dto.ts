import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EngineStatusDto } from '../../motivation/engine/dto/engine.dto.js';
import type { Plain } from '../../http/plain.js';
import { StatusDto } from './status.dto.js';

/** What `/ws/system/status` sends. */
export class LiveStatusDto extends StatusDto {
  @ApiProperty({ type: EngineStatusDto, nullable: true, description: 'The motivation engine; null: not known.' })
  engine!: Plain<EngineStatusDto> | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    minimum: 0,
    example: 3,
    description: 'Workflows that are pending or in progress, of all replicas; null: not known.',
  })
  active_workflows!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    minimum: 0,
    example: 1.25,
    description: 'Spent since midnight UTC; null: not known.',
  })
  cost_today_usd!: number | null;

  @ApiPropertyOptional({ type: String, description: 'Why something of it is not known: one sentence.' })
  error?: string;
}
