import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Something that happened outside, as it was told, with what came of it. */
@Entity('outside_events')
@Index('ix_outside_events_principal', ['principalId', 'createdAt', 'id'])
@Index('ix_outside_events_created_at', ['createdAt', 'id'])
@Index('ix_outside_events_type', ['type', 'createdAt', 'id'])
export class OutsideEventEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_outside_events' })
  id!: string;

  @Column({ name: 'principal_id', type: 'varchar', length: 100 })
  principalId!: string;

  @Column({ name: 'type', type: 'varchar', length: 200 })
  type!: string;

  @Column({ name: 'source', type: 'varchar', length: 200 })
  source!: string;

  @Column({ name: 'details', type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @Column({ name: 'workflows', type: 'jsonb', default: () => "'[]'" })
  workflows!: unknown[];

  @Column({ name: 'skipped', type: 'jsonb', default: () => "'[]'" })
  skipped!: unknown[];

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
