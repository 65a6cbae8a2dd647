import { ApiProperty } from '@nestjs/swagger';
import { DUTIES, type Duty } from '../../config/app-config.js';
import { SILENT_AFTER_SECONDS } from '../../durable/liveness.js';
import { EXAMPLE_TIME } from '../dto/health.dto.js';

export class Replica {
  @ApiProperty({ type: String, example: '0b4d8f6e-2f0c-4d65-9f0e-5a1f6f1f3c11' })
  id!: string;

  @ApiProperty({
    type: String,
    example: '1.0.0',
    description: 'Of NYX; `unknown` for a release that did not tell it yet. Two run together during an upgrade.',
  })
  version!: string;

  @ApiProperty({
    type: String,
    example: 'nyx-1',
    description: 'Of the durable functions: only replicas of the same one take over from each other.',
  })
  durable_version!: string;

  @ApiProperty({ enum: DUTIES, enumName: 'Duty', isArray: true, example: DUTIES })
  roles!: Duty[];

  @ApiProperty({
    enum: ['live', 'draining'],
    enumName: 'ReplicaStatus',
    example: 'live',
    description: 'draining: it is stopping, and begins nothing any more.',
  })
  status!: 'live' | 'draining';

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  last_seen!: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 3, description: 'Workflows that it has in hand.' })
  running_workflows!: number;
}

export class ReplicaList {
  @ApiProperty({
    type: [Replica],
    description: `Those seen in the last ${SILENT_AFTER_SECONDS} seconds, the oldest first.`,
  })
  items!: Replica[];
}
