import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { AGENT_STATUSES, AGENT_TYPES, type AgentStatus, type AgentType } from './agent.values.js';

@Entity('agents')
@Check('ck_agents_type', oneOf('agent_type', AGENT_TYPES))
@Check('ck_agents_status', oneOf('status', AGENT_STATUSES))
@Check('ck_agents_depth', '"max_recursion_depth" >= 0 AND "current_recursion_depth" >= 0')
@Index('ix_agents_thought', ['thoughtTreeId'])
@Index('ix_agents_working', ['spawnedBy'], { where: "status IN ('active', 'waiting', 'coordinating')" })
@Index('ix_agents_created_at', ['createdAt', 'id'])
@Index('ix_agents_status', ['status', 'createdAt', 'id'])
@Index('ix_agents_type', ['agentType', 'createdAt', 'id'])
export class AgentEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_agents' })
  id!: string;

  @Column({ name: 'thought_tree_id', type: 'uuid' })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_agents_thought', onDelete: 'CASCADE' })
  thoughtTreeId!: string;

  @Column({ name: 'agent_type', type: 'varchar', length: 20 })
  agentType!: AgentType;

  @Column({ name: 'agent_class', type: 'varchar', length: 100 })
  agentClass!: string;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'spawned' })
  status!: AgentStatus;

  @Column({ name: 'spawned_by', type: 'uuid', nullable: true })
  spawnedBy!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'max_recursion_depth', type: 'integer', default: 8 })
  maxRecursionDepth!: number;

  @Column({ name: 'current_recursion_depth', type: 'integer', default: 0 })
  currentRecursionDepth!: number;

  @Column({ name: 'context', type: 'jsonb', default: () => "'{}'" })
  context!: Record<string, unknown>;

  @Column({ name: 'state', type: 'jsonb', default: () => "'{}'" })
  state!: Record<string, unknown>;
}
