import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import {
  ORCHESTRATOR_STATUSES,
  ORCHESTRATOR_TYPES,
  type OrchestratorStatus,
  type OrchestratorType,
} from './orchestrator.values.js';

@Entity('orchestrators')
@Check('ck_orchestrators_type', oneOf('orchestrator_type', ORCHESTRATOR_TYPES))
@Check('ck_orchestrators_status', oneOf('status', ORCHESTRATOR_STATUSES))
@Check('ck_orchestrators_agents', '"max_concurrent_agents" > 0')
@Index('ix_orchestrators_thought', ['thoughtTreeId'])
@Index('ix_orchestrators_parent', ['parentOrchestratorId'])
@Index('ix_orchestrators_created_at', ['createdAt', 'id'])
@Index('ix_orchestrators_status', ['status', 'createdAt', 'id'])
export class OrchestratorEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_orchestrators' })
  id!: string;

  @Column({ name: 'parent_orchestrator_id', type: 'uuid', nullable: true })
  @ForeignKey('OrchestratorEntity', { name: 'fk_orchestrators_parent', onDelete: 'CASCADE' })
  parentOrchestratorId!: string | null;

  @Column({ name: 'thought_tree_id', type: 'uuid' })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_orchestrators_thought', onDelete: 'CASCADE' })
  thoughtTreeId!: string;

  @Column({ name: 'orchestrator_type', type: 'varchar', length: 20 })
  orchestratorType!: OrchestratorType;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'initializing' })
  status!: OrchestratorStatus;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'max_concurrent_agents', type: 'integer', default: 20 })
  maxConcurrentAgents!: number;

  @Column({ name: 'global_context', type: 'jsonb', default: () => "'{}'" })
  globalContext!: Record<string, unknown>;
}
