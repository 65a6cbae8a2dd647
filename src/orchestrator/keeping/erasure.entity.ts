import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That everything of a principal is to be erased: what is asked for outlives every process, and stays as the proof. */
@Entity('erasures')
export class ErasureEntity {
  @PrimaryColumn({ name: 'principal_id', type: 'varchar', length: 100, primaryKeyConstraintName: 'pk_erasures' })
  principalId!: string;

  @Column({ name: 'requested_at', type: 'timestamptz', default: () => 'now()' })
  requestedAt!: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  /** Erased so far. */
  @Column({ name: 'workflows', type: 'integer', default: 0 })
  workflows!: number;
}
