import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A leaky bucket: it is empty at `empty_at`, and full when that is a minute away. Not logged: after a crash all are empty. */
@Entity('rate_buckets')
@Index('ix_rate_buckets_empty_at', ['emptyAt'])
export class RateBucketEntity {
  @PrimaryColumn({ name: 'key', type: 'varchar', length: 200, primaryKeyConstraintName: 'pk_rate_buckets' })
  key!: string;

  @Column({ name: 'empty_at', type: 'timestamptz' })
  emptyAt!: Date;
}
