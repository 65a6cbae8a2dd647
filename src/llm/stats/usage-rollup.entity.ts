import { Check, Entity, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { USAGE_KINDS, type UsageKind } from './usage.values.js';
import { UsageSums } from './usage-sums.js';

const key = { primaryKeyConstraintName: 'pk_llm_usage_rollups' } as const;

/**
 * Rolled-up model calls of a UTC day that have one thing in common: their model, their workflow… Every call is in one row of
 * each kind that it has. Without references, so that the money of what is erased stays.
 */
@Entity('llm_usage_rollups')
@Check('ck_llm_usage_rollups_kind', oneOf('kind', USAGE_KINDS))
export class UsageRollupEntity extends UsageSums {
  @PrimaryColumn({ name: 'kind', type: 'varchar', length: 20, ...key })
  kind!: UsageKind;

  @PrimaryColumn({ name: 'day', type: 'date', ...key })
  day!: string;

  @PrimaryColumn({ name: 'key', type: 'varchar', length: 100, ...key })
  key!: string;
}
