import { Check, Entity, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { TOTALLED_KINDS, type UsageKind } from './usage.values.js';
import { UsageSums } from './usage-sums.js';

const key = { primaryKeyConstraintName: 'pk_llm_usage_totals' } as const;

/** Rolled-up model calls of all times, of the kinds whose keys stay few: as many rows after years as after a day. */
@Entity('llm_usage_totals')
@Check('ck_llm_usage_totals_kind', oneOf('kind', TOTALLED_KINDS))
export class UsageTotalEntity extends UsageSums {
  @PrimaryColumn({ name: 'kind', type: 'varchar', length: 20, ...key })
  kind!: UsageKind;

  @PrimaryColumn({ name: 'key', type: 'varchar', length: 100, ...key })
  key!: string;
}
