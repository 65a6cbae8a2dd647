import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One evaluation: what was considered, and what came of it. */
@Entity('motivation_decisions')
@Check('ck_motivation_decisions_amounts', '"elapsed_seconds" >= 0 AND "duration_ms" >= 0 AND "spawned" >= 0')
@Index('ix_motivation_decisions_evaluated_at', ['evaluatedAt', 'id'])
@Index('ix_motivation_decisions_spawned', ['evaluatedAt', 'id'], { where: 'spawned > 0' })
export class MotivationDecisionEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_motivation_decisions' })
  id!: string;

  @Column({ name: 'evaluated_at', type: 'timestamptz' })
  evaluatedAt!: Date;

  @Column({ name: 'executor_id', type: 'varchar', length: 100 })
  executorId!: string;

  @Column({ name: 'elapsed_seconds', type: 'double precision' })
  elapsedSeconds!: number;

  /** From the locks to the record, without the commit. */
  @Column({ name: 'duration_ms', type: 'double precision', default: 0 })
  durationMs!: number;

  /** As it was then. */
  @Column({ name: 'config', type: 'jsonb' })
  config!: Record<string, unknown>;

  /** One entry a motivation; the shape is the API's. */
  @Column({ name: 'considered', type: 'jsonb' })
  considered!: unknown[];

  @Column({ name: 'spawned', type: 'integer', default: 0 })
  spawned!: number;
}
