import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import {
  APPROVAL_KINDS,
  APPROVAL_STATUSES,
  DECISIONS,
  type ApprovalKind,
  type ApprovalStatus,
  type Decision,
} from './approval.values.js';

/** A question to people: may exactly this call be run, may exactly this result stand? */
@Entity('approvals')
@Check('ck_approvals_kind', oneOf('kind', APPROVAL_KINDS))
@Check('ck_approvals_status', oneOf('status', APPROVAL_STATUSES))
@Check('ck_approvals_default', oneOf('default_decision', DECISIONS))
@Check('ck_approvals_answered', `("status" = 'pending') = ("answered_at" IS NULL)`)
@Index('ix_approvals_workflow', ['workflowId', 'createdAt', 'id'])
@Index('ix_approvals_status', ['status', 'createdAt', 'id'])
@Index('ix_approvals_created_at', ['createdAt', 'id'])
@Index('ix_approvals_thought', ['thoughtId'])
@Index('ix_approvals_agent', ['agentId'])
export class ApprovalEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_approvals' })
  id!: string;

  @Column({ name: 'workflow_id', type: 'uuid' })
  @ForeignKey('WorkflowEntity', { name: 'fk_approvals_workflow', onDelete: 'CASCADE' })
  workflowId!: string;

  @Column({ name: 'thought_id', type: 'uuid', nullable: true })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_approvals_thought', onDelete: 'SET NULL' })
  thoughtId!: string | null;

  @Column({ name: 'agent_id', type: 'uuid', nullable: true })
  @ForeignKey('AgentEntity', { name: 'fk_approvals_agent', onDelete: 'SET NULL' })
  agentId!: string | null;

  @Column({ name: 'kind', type: 'varchar', length: 20 })
  kind!: ApprovalKind;

  @Column({ name: 'tool_name', type: 'varchar', length: 100, nullable: true })
  toolName!: string | null;

  /** SHA-256 of the tool and its real arguments, or of the whole result: the answer is about that and nothing else. */
  @Column({ name: 'arguments_hash', type: 'varchar', length: 64 })
  argumentsHash!: string;

  /** Exactly what is asked about, with values that may be secret; of a long result the beginning. */
  @Column({ name: 'parameters', type: 'jsonb', default: () => "'{}'" })
  parameters!: Record<string, unknown>;

  @Column({ name: 'risk', type: 'varchar', length: 20, nullable: true })
  risk!: string | null;

  @Column({ name: 'reason', type: 'text' })
  reason!: string;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' })
  status!: ApprovalStatus;

  /** What holds when nobody answers in time. */
  @Column({ name: 'default_decision', type: 'varchar', length: 20, default: 'reject' })
  defaultDecision!: Decision;

  @Column({ name: 'deadline_at', type: 'timestamptz' })
  deadlineAt!: Date;

  @Column({ name: 'answered_by', type: 'varchar', length: 100, nullable: true })
  answeredBy!: string | null;

  @Column({ name: 'comment', type: 'text', nullable: true })
  comment!: string | null;

  @Column({ name: 'answered_at', type: 'timestamptz', nullable: true })
  answeredAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
