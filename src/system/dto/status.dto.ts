import { ApiProperty } from '@nestjs/swagger';
import { ABOUT } from '../about.js';
import type { ComponentHealth } from '../health-component.js';
import type { Plain } from '../../http/plain.js';
import { COMPONENTS_PROPERTY, EXAMPLE_TIME } from './health.dto.js';

export class DatabaseStatusDto {
  @ApiProperty({ enum: ['connected', 'error'], enumName: 'DatabaseStatus', example: 'connected' })
  status!: 'connected' | 'error';

  @ApiProperty({ enum: ['healthy', 'exhausted'], enumName: 'ConnectionPoolStatus', example: 'healthy' })
  connection_pool!: 'healthy' | 'exhausted';

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  last_check!: string;
}

export class StatusDto {
  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;

  @ApiProperty({ type: String, description: 'How long this process runs, for people.', example: '1d 2h 3m 4s' })
  uptime!: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 93_784 })
  uptime_seconds!: number;

  @ApiProperty({ type: String, example: ABOUT.version })
  version!: string;

  @ApiProperty({ enum: ['development', 'production', 'test'], enumName: 'Environment', example: 'production' })
  environment!: 'development' | 'production' | 'test';

  @ApiProperty({ type: DatabaseStatusDto })
  database!: Plain<DatabaseStatusDto>;

  @ApiProperty(COMPONENTS_PROPERTY)
  components!: Record<string, ComponentHealth>;
}
