import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import type { Inheritance } from '../planning/inputs/inheritance.js';
import {
  INPUT_TYPES,
  type InputType,
  PRIORITIES,
  type Priority,
  type StrategyName,
  URGENCIES,
  type Urgency,
  WORKFLOW_ORIGINS,
  WORKFLOW_PHASES,
  WORKFLOW_STATUSES,
  type WorkflowOrigin,
  type WorkflowPhase,
  type WorkflowStatus,
} from './workflow.values.js';

@Entity('workflows')
@Check('ck_workflows_origin', oneOf('origin', WORKFLOW_ORIGINS))
@Check('ck_workflows_input_type', oneOf('input_type', INPUT_TYPES))
@Check('ck_workflows_priority', oneOf('priority', PRIORITIES))
@Check('ck_workflows_urgency', oneOf('urgency', URGENCIES))
@Check('ck_workflows_status', oneOf('status', WORKFLOW_STATUSES))
@Check('ck_workflows_phase', oneOf('phase', WORKFLOW_PHASES))
@Check('ck_workflows_max_cost', '"max_cost_usd" > 0')
@Check('ck_workflows_ended', `("status" IN ('completed', 'failed', 'cancelled')) = ("completed_at" IS NOT NULL)`)
@Index('ix_workflows_active', ['createdAt', 'id'], { where: "status IN ('pending', 'in_progress')" })
@Index('ix_workflows_status', ['status', 'createdAt', 'id'])
@Index('ix_workflows_input_type', ['inputType', 'createdAt', 'id'])
@Index('ix_workflows_strategy', ['strategy', 'createdAt', 'id'])
@Index('ix_workflows_origin', ['origin', 'createdAt', 'id'])
@Index('ix_workflows_principal', ['principalId', 'createdAt', 'id'])
@Index('ix_workflows_created_at', ['createdAt', 'id'])
@Index('ix_workflows_parent', ['parentWorkflowId', 'createdAt', 'id'], { where: 'parent_workflow_id IS NOT NULL' })
@Index('ix_workflows_schedule', ['scheduleId', 'createdAt', 'id'], { where: 'schedule_id IS NOT NULL' })
@Index('ix_workflows_trigger', ['triggerId', 'createdAt', 'id'], { where: 'trigger_id IS NOT NULL' })
@Index('ix_workflows_unfinished', ['completedAt', 'id'], {
  where: "status IN ('failed', 'cancelled') AND origin <> 'motivation'",
})
@Index('ix_workflows_completed_at', ['completedAt', 'id'], { where: "status = 'completed'" })
export class WorkflowEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_workflows' })
  id!: string;

  @Column({ name: 'principal_id', type: 'varchar', length: 100 })
  principalId!: string;

  @Column({ name: 'origin', type: 'varchar', length: 20, default: 'user' })
  origin!: WorkflowOrigin;

  @Column({ name: 'input_type', type: 'varchar', length: 40 })
  inputType!: InputType;

  @Column({ name: 'content', type: 'jsonb' })
  content!: Record<string, unknown>;

  @Column({ name: 'execution_context', type: 'jsonb', default: () => "'{}'" })
  executionContext!: Record<string, unknown>;

  @Column({ name: 'domain_context', type: 'jsonb', default: () => "'{}'" })
  domainContext!: Record<string, unknown>;

  @Column({ name: 'user_context', type: 'jsonb', default: () => "'{}'" })
  userContext!: Record<string, unknown>;

  @Column({ name: 'historical_context', type: 'jsonb', default: () => "'{}'" })
  historicalContext!: Record<string, unknown>;

  /** Of a continuation; null again when that workflow is erased. */
  @Column({ name: 'parent_workflow_id', type: 'uuid', nullable: true })
  @ForeignKey('WorkflowEntity', { name: 'fk_workflows_parent', onDelete: 'SET NULL' })
  parentWorkflowId!: string | null;

  @Column({ name: 'inheritance', type: 'jsonb', nullable: true })
  inheritance!: Inheritance | null;

  @Column({ name: 'priority', type: 'varchar', length: 20, default: 'medium' })
  priority!: Priority;

  @Column({ name: 'urgency', type: 'varchar', length: 20, default: 'normal' })
  urgency!: Urgency;

  @Column({ name: 'goal', type: 'text' })
  goal!: string;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' })
  status!: WorkflowStatus;

  @Column({ name: 'phase', type: 'varchar', length: 30, default: 'analysis' })
  phase!: WorkflowPhase;

  @Column({ name: 'strategy', type: 'varchar', length: 40, nullable: true })
  strategy!: StrategyName | null;

  @Column({ name: 'strategy_reasons', type: 'jsonb', default: () => "'[]'" })
  strategyReasons!: unknown[];

  @Column({ name: 'strategy_alternatives', type: 'jsonb', default: () => "'[]'" })
  strategyAlternatives!: unknown[];

  @Column({ name: 'complexity', type: 'jsonb', nullable: true })
  complexity!: unknown;

  @Column({ name: 'estimate', type: 'jsonb', nullable: true })
  estimate!: unknown;

  @Column({ name: 'provider', type: 'varchar', length: 50, nullable: true })
  provider!: string | null;

  @Column({ name: 'result_content', type: 'text', nullable: true })
  resultContent!: string | null;

  @Column({ name: 'success', type: 'boolean', nullable: true })
  success!: boolean | null;

  @Column({ name: 'error_code', type: 'varchar', length: 60, nullable: true })
  errorCode!: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'warnings', type: 'jsonb', default: () => "'[]'" })
  warnings!: unknown[];

  @Column({ name: 'scores', type: 'jsonb', nullable: true })
  scores!: unknown;

  @Column({ name: 'validation', type: 'jsonb', nullable: true })
  validation!: unknown;

  @Column({ name: 'success_criteria', type: 'jsonb', nullable: true })
  successCriteria!: unknown;

  @Column({ name: 'max_cost_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  maxCostUsd!: string | null;

  /** Since when no model call and no tool is begun. */
  @Column({ name: 'paused_at', type: 'timestamptz', nullable: true })
  pausedAt!: Date | null;

  /** When its time is over, moved by the time in which its clock stood still. */
  @Column({ name: 'deadline_at', type: 'timestamptz', nullable: true })
  deadlineAt!: Date | null;

  /** Since when it is paused or somebody is asked. */
  @Column({ name: 'clock_stopped_at', type: 'timestamptz', nullable: true })
  clockStoppedAt!: Date | null;

  @Column({ name: 'retries', type: 'integer', default: 0 })
  retries!: number;

  /** How it goes on: what was adapted while it ran. */
  @Column({ name: 'pace', type: 'jsonb', default: () => `'{"applied": []}'` })
  pace!: Record<string, unknown>;

  /** Held over its failed subtasks. */
  @Column({ name: 'recovery_councils', type: 'integer', default: 0 })
  recoveryCouncils!: number;

  /** Its agents only read without asking: the profile of autonomous work under `safety_enabled`. */
  @Column({ name: 'is_read_only', type: 'boolean', default: false })
  isReadOnly!: boolean;

  /** The schedule that fired it. Not a foreign key: it stays true when the schedule is deleted. */
  @Column({ name: 'schedule_id', type: 'uuid', nullable: true })
  scheduleId!: string | null;

  /** The trigger that fired it. */
  @Column({ name: 'trigger_id', type: 'uuid', nullable: true })
  triggerId!: string | null;

  /** What it registered, when that was all it had to do. */
  @Column({ name: 'registered', type: 'jsonb', nullable: true })
  registered!: unknown;

  /** Of the request that asked for it, as of the W3C's Trace Context; null: it is a trace of its own. */
  @Column({ name: 'traceparent', type: 'varchar', length: 55, nullable: true })
  traceparent!: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
