import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../tool-run.js';

@Entity('tool_executions')
@Check('ck_tool_executions_amounts', '"duration_ms" >= 0 AND "retry_count" >= 0')
@Check('ck_tool_executions_status', oneOf('status', EXECUTION_STATUSES))
@Check('ck_tool_executions_ended', `("status" = 'running') = ("completed_at" IS NULL)`)
@Index('ix_tool_executions_workflow', ['workflowId', 'startedAt', 'id'])
@Index('ix_tool_executions_status', ['status', 'startedAt', 'id'])
@Index('ix_tool_executions_person', ['principalId', 'toolName', 'startedAt'], { where: 'workflow_id IS NULL' })
@Index('ix_tool_executions_agent', ['agentId'])
@Index('ix_tool_executions_thought', ['thoughtTreeId'])
@Index('ix_tool_executions_principal', ['principalId', 'startedAt', 'id'])
@Index('ix_tool_executions_started_at', ['startedAt', 'id'])
@Index('ix_tool_executions_tool', ['toolName', 'startedAt', 'id'])
@Index('ix_tool_executions_failed', ['toolName', 'completedAt', 'id'], { where: "status = 'failed'" })
export class ToolExecutionEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_tool_executions' })
  id!: string;

  @Column({ name: 'agent_id', type: 'uuid', nullable: true })
  @ForeignKey('AgentEntity', { name: 'fk_tool_executions_agent', onDelete: 'SET NULL' })
  agentId!: string | null;

  @Column({ name: 'thought_tree_id', type: 'uuid', nullable: true })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_tool_executions_thought', onDelete: 'SET NULL' })
  thoughtTreeId!: string | null;

  @Column({ name: 'tool_name', type: 'varchar', length: 100 })
  toolName!: string;

  @Column({ name: 'tool_class', type: 'varchar', length: 100 })
  toolClass!: string;

  @Column({ name: 'input_parameters', type: 'jsonb', default: () => "'{}'" })
  inputParameters!: Record<string, unknown>;

  @Column({ name: 'output_result', type: 'jsonb', nullable: true })
  outputResult!: unknown;

  @Column({ name: 'stdout', type: 'text', nullable: true })
  stdout!: string | null;

  @Column({ name: 'stderr', type: 'text', nullable: true })
  stderr!: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' })
  startedAt!: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'duration_ms', type: 'integer', nullable: true })
  durationMs!: number | null;

  @Column({ name: 'success', type: 'boolean', nullable: true })
  success!: boolean | null;

  @Column({ name: 'exit_code', type: 'integer', nullable: true })
  exitCode!: number | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'retry_count', type: 'integer', default: 0 })
  retryCount!: number;

  @Column({ name: 'status', type: 'varchar', length: 20 })
  status!: ExecutionStatus;

  /** What refused it. */
  @Column({ name: 'rule', type: 'varchar', length: 100, nullable: true })
  rule!: string | null;

  @Column({ name: 'principal_id', type: 'varchar', length: 100 })
  principalId!: string;

  /** Of an agent's run; null for a person's. */
  @Column({ name: 'workflow_id', type: 'uuid', nullable: true })
  @ForeignKey('WorkflowEntity', { name: 'fk_tool_executions_workflow', onDelete: 'SET NULL' })
  workflowId!: string | null;

  /** SHA-256 of the tool and exactly these parameters; null when they were not valid. */
  @Column({ name: 'arguments_hash', type: 'varchar', length: 64, nullable: true })
  argumentsHash!: string | null;

  @Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @Column({ name: 'executor_id', type: 'varchar', length: 100 })
  executorId!: string;

  /** Of whoever ran it last: only that one knows what came of it. */
  @Column({ name: 'claim_id', type: 'uuid' })
  claimId!: string;

  /** Whether the rows of the agent's step were written with its end. */
  @Column({ name: 'is_reported', type: 'boolean', default: false })
  isReported!: boolean;
}
