import { Entity, PrimaryColumn } from 'typeorm';
import { UsageSums } from './usage-sums.js';

const key = { primaryKeyConstraintName: 'pk_llm_daily_usage' } as const;

/** Rolled-up model calls of a UTC day. Without references, so that it outlives what it counted. */
@Entity('llm_daily_usage')
export class DailyUsageEntity extends UsageSums {
  @PrimaryColumn({ name: 'day', type: 'date', ...key })
  day!: string;

  @PrimaryColumn({ name: 'model', type: 'varchar', length: 100, ...key })
  model!: string;

  @PrimaryColumn({ name: 'origin', type: 'varchar', length: 20, ...key })
  origin!: string;

  @PrimaryColumn({ name: 'principal_id', type: 'varchar', length: 100, ...key })
  principalId!: string;
}
