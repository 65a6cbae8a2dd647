import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/**
 * Calls that have ended and are not in the rollups: entered by the transaction that ends them, taken out by the one that rolls
 * them up. Whoever would erase such a call is refused by the reference, for its money would be forgotten.
 */
@Entity('llm_usage_queue')
export class UsageQueueEntity {
  @PrimaryColumn({ name: 'interaction_id', type: 'uuid', primaryKeyConstraintName: 'pk_llm_usage_queue' })
  @ForeignKey('LlmInteractionEntity', { name: 'fk_llm_usage_queue_interaction' })
  interactionId!: string;

  /** When it may be rolled up: at once, or when the answer of a call that an admin released cannot come any more. */
  @Column({ name: 'final_at', type: 'timestamptz', default: () => 'now()' })
  finalAt!: Date;
}
