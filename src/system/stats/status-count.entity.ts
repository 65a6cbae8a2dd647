import { Column, Entity, PrimaryColumn } from 'typeorm';

const key = { primaryKeyConstraintName: 'pk_status_counts' } as const;

/**
 * How many rows of a kind have a status. Together with `status_changes`, which triggers write and no entity describes (it has no
 * key), exact at any moment.
 */
@Entity('status_counts')
export class StatusCountEntity {
  @PrimaryColumn({ name: 'kind', type: 'varchar', length: 20, ...key })
  kind!: string;

  @PrimaryColumn({ name: 'status', type: 'varchar', length: 20, ...key })
  status!: string;

  /** Of how long it took, as `latency.rules.ts` has it; -1 where that is not kept. */
  @PrimaryColumn({ name: 'bucket', type: 'smallint', default: -1, ...key })
  bucket!: number;

  /** Below 0 for a moment when a change was rolled up before the one that it follows. */
  @Column({ name: 'count', type: 'bigint' })
  count!: string;
}
