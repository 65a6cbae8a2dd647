import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { LEVELS, type Level } from '../planning/complexity.rules.js';
import { INPUT_TYPES, type InputType, type StrategyName } from '../workflows/workflow.values.js';
import type { ScoreInput } from './scores.rules.js';

/** How one ended workflow went: what its class is estimated, scored and learned from. */
@Entity('workflow_outcomes')
@Check('ck_workflow_outcomes_input_type', oneOf('input_type', INPUT_TYPES))
@Check('ck_workflow_outcomes_complexity', oneOf('complexity', LEVELS))
@Check('ck_workflow_outcomes_success', '"success" BETWEEN 0 AND 1')
@Check(
  'ck_workflow_outcomes_evidence',
  'NOT "is_evidence" OR ("complexity" IS NOT NULL AND "strategy" IS NOT NULL AND "duration_ms" IS NOT NULL)',
)
@Index('ix_workflow_outcomes_class', ['inputType', 'complexity', 'strategy', 'endedAt'], { where: 'is_evidence' })
export class WorkflowOutcomeEntity {
  @PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_outcomes' })
  @ForeignKey('WorkflowEntity', { name: 'fk_workflow_outcomes_workflow', onDelete: 'CASCADE' })
  workflowId!: string;

  @Column({ name: 'input_type', type: 'varchar', length: 40 })
  inputType!: InputType;

  /** Null, like the strategy, when it ended before it began. */
  @Column({ name: 'complexity', type: 'varchar', length: 20, nullable: true })
  complexity!: Level | null;

  @Column({ name: 'strategy', type: 'varchar', length: 40, nullable: true })
  strategy!: StrategyName | null;

  /** Whether it says anything of its strategy: one that was cancelled does not. */
  @Column({ name: 'is_evidence', type: 'boolean' })
  isEvidence!: boolean;

  @Column({ name: 'completed', type: 'boolean' })
  completed!: boolean;

  /** What it says of its strategy, feedback included. */
  @Column({ name: 'success', type: 'double precision' })
  success!: number;

  @Column({ name: 'llm_calls', type: 'integer' })
  llmCalls!: number;

  @Column({ name: 'agents', type: 'integer' })
  agents!: number;

  @Column({ name: 'cost_usd', type: 'numeric', precision: 20, scale: 10 })
  costUsd!: string;

  @Column({ name: 'duration_ms', type: 'double precision', nullable: true })
  durationMs!: number | null;

  @Column({ name: 'score_input', type: 'jsonb' })
  scoreInput!: ScoreInput;

  @Column({ name: 'ended_at', type: 'timestamptz' })
  endedAt!: Date;
}
