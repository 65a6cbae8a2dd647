import { Entity, PrimaryColumn } from 'typeorm';
import { UsageSums } from './usage-sums.js';

const key = { primaryKeyConstraintName: 'pk_llm_total_usage' } as const;

/** All rolled-up model calls there ever were: as many rows after years as after a day. */
@Entity('llm_total_usage')
export class TotalUsageEntity extends UsageSums {
  @PrimaryColumn({ name: 'model', type: 'varchar', length: 100, ...key })
  model!: string;

  @PrimaryColumn({ name: 'origin', type: 'varchar', length: 20, ...key })
  origin!: string;
}
