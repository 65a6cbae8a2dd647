import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What a motivation took up last, and until when it may not take it again. */
@Entity('motivational_targets')
@Index('ix_motivational_targets_taken_until', ['takenUntil'])
@Index('ix_motivational_targets_task', ['taskId'])
export class MotivationalTargetEntity {
  @PrimaryColumn({
    name: 'motivation_type',
    type: 'varchar',
    length: 100,
    primaryKeyConstraintName: 'pk_motivational_targets',
  })
  motivationType!: string;

  @PrimaryColumn({ name: 'target', type: 'varchar', length: 300, primaryKeyConstraintName: 'pk_motivational_targets' })
  target!: string;

  /** Null: its prompt was vetoed. */
  @Column({ name: 'task_id', type: 'uuid', nullable: true })
  @ForeignKey('MotivationalTaskEntity', { name: 'fk_motivational_targets_task', onDelete: 'SET NULL' })
  taskId!: string | null;

  @Column({ name: 'taken_until', type: 'timestamptz' })
  takenUntil!: Date;
}
