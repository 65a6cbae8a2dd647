import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import {
  ACTIVE_TASK,
  MOTIVATIONAL_TASK_STATUSES,
  OUTCOME_CATEGORIES,
  type MotivationalTaskStatus,
  type OutcomeCategory,
} from './motivational-task.values.js';

@Entity('motivational_tasks')
@Check('ck_motivational_tasks_status', oneOf('status', MOTIVATIONAL_TASK_STATUSES))
@Check(
  'ck_motivational_tasks_scores',
  '"task_priority" BETWEEN 0 AND 1 AND "arbitration_score" BETWEEN 0 AND 1 AND "outcome_score" BETWEEN 0 AND 1 AND "satisfaction_gain" BETWEEN -1 AND 1',
)
@Index('uq_motivational_tasks_active', ['motivationalStateId'], {
  unique: true,
  where: ACTIVE_TASK,
})
@Index('ix_motivational_tasks_state', ['motivationalStateId'])
@Index('ix_motivational_tasks_thought', ['thoughtTreeId'])
@Index('ix_motivational_tasks_spawned_at', ['spawnedAt', 'id'])
@Index('ix_motivational_tasks_completed_at', ['completedAt'], { where: 'completed_at IS NOT NULL' })
@Check('ck_motivational_tasks_category', oneOf('outcome_category', OUTCOME_CATEGORIES))
export class MotivationalTaskEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_motivational_tasks' })
  id!: string;

  @Column({ name: 'motivational_state_id', type: 'uuid' })
  @ForeignKey('MotivationalStateEntity', { name: 'fk_motivational_tasks_state', onDelete: 'CASCADE' })
  motivationalStateId!: string;

  @Column({ name: 'thought_tree_id', type: 'uuid', nullable: true })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_motivational_tasks_thought', onDelete: 'SET NULL' })
  thoughtTreeId!: string | null;

  @Column({ name: 'generated_prompt', type: 'text' })
  generatedPrompt!: string;

  @Column({ name: 'task_priority', type: 'double precision' })
  taskPriority!: number;

  @Column({ name: 'arbitration_score', type: 'double precision' })
  arbitrationScore!: number;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'generated' })
  status!: MotivationalTaskStatus;

  @Column({ name: 'spawned_at', type: 'timestamptz', default: () => 'now()' })
  spawnedAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'success', type: 'boolean', nullable: true })
  success!: boolean | null;

  @Column({ name: 'outcome_score', type: 'double precision', nullable: true })
  outcomeScore!: number | null;

  @Column({ name: 'satisfaction_gain', type: 'double precision', nullable: true })
  satisfactionGain!: number | null;

  /** How it ended: success, partial or failure. */
  @Column({ name: 'outcome_category', type: 'varchar', length: 20, nullable: true })
  outcomeCategory!: OutcomeCategory | null;

  /** What it is about. */
  @Column({ name: 'target', type: 'varchar', length: 300 })
  target!: string;

  /** Evidence, motivation before and after, limits. */
  @Column({ name: 'context', type: 'jsonb', default: () => "'{}'" })
  context!: Record<string, unknown>;
}
