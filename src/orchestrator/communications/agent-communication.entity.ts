import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { MESSAGE_TYPES, type MessageType } from '../agents/agent.values.js';

@Entity('agent_communications')
@Check('ck_agent_communications_type', oneOf('message_type', MESSAGE_TYPES))
@Index('ix_agent_communications_sender', ['senderAgentId'])
@Index('ix_agent_communications_to', ['receiverAgentId'])
@Index('ix_agent_communications_thought', ['thoughtTreeId'])
@Index('ix_agent_communications_workflow', ['workflowId', 'id'])
@Index('ix_agent_communications_sent', ['sentAt', 'id'])
export class AgentCommunicationEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_agent_communications' })
  id!: string;

  @Column({ name: 'sender_agent_id', type: 'uuid' })
  @ForeignKey('AgentEntity', { name: 'fk_agent_communications_sender', onDelete: 'CASCADE' })
  senderAgentId!: string;

  @Column({ name: 'receiver_agent_id', type: 'uuid', nullable: true })
  @ForeignKey('AgentEntity', { name: 'fk_agent_communications_receiver', onDelete: 'CASCADE' })
  receiverAgentId!: string | null;

  @Column({ name: 'thought_tree_id', type: 'uuid' })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_agent_communications_thought', onDelete: 'CASCADE' })
  thoughtTreeId!: string;

  @Column({ name: 'workflow_id', type: 'uuid' })
  @ForeignKey('WorkflowEntity', { name: 'fk_agent_communications_workflow', onDelete: 'CASCADE' })
  workflowId!: string;

  @Column({ name: 'message_type', type: 'varchar', length: 30 })
  messageType!: MessageType;

  @Column({ name: 'content', type: 'jsonb', default: () => "'{}'" })
  content!: Record<string, unknown>;

  @Column({ name: 'sent_at', type: 'timestamptz', default: () => 'now()' })
  sentAt!: Date;

  @Column({ name: 'received_at', type: 'timestamptz', nullable: true })
  receivedAt!: Date | null;

  @Column({ name: 'delivered', type: 'boolean', default: false })
  delivered!: boolean;

  @Column({ name: 'processed', type: 'boolean', default: false })
  processed!: boolean;

  /** Who read it, and in which turn of their conversation: `{agent id: turn}`, the first is 0. */
  @Column({ name: 'receipts', type: 'jsonb', default: () => "'{}'" })
  receipts!: Record<string, number>;
}
