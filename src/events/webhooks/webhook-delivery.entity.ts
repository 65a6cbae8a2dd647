import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from './webhook.values.js';

/** One event for one webhook, written with the event. Its id is the `webhook-id` of every attempt. */
@Entity('webhook_deliveries')
@Check('ck_webhook_deliveries_status', oneOf('status', DELIVERY_STATUSES))
@Check('ck_webhook_deliveries_attempts', '"attempts" >= 0')
@Index('ix_webhook_deliveries_due', ['webhookId', 'nextAttemptAt', 'seq'], {
  where: "status IN ('pending', 'failed')",
})
@Index('ix_webhook_deliveries_line', ['webhookId', 'workflowId', 'seq'], {
  where: "status IN ('pending', 'failed')",
})
@Index('ix_webhook_deliveries_created_at', ['webhookId', 'createdAt', 'id'])
@Index('ix_webhook_deliveries_status', ['webhookId', 'status', 'createdAt', 'id'])
@Index('ix_webhook_deliveries_event', ['workflowId', 'seq'])
@ForeignKey('WorkflowEventEntity', ['workflowId', 'seq'], ['workflowId', 'seq'], {
  name: 'fk_webhook_deliveries_event',
  onDelete: 'CASCADE',
})
export class WebhookDeliveryEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_webhook_deliveries' })
  id!: string;

  @Column({ name: 'webhook_id', type: 'uuid' })
  @ForeignKey('WebhookEntity', { name: 'fk_webhook_deliveries_webhook', onDelete: 'CASCADE' })
  webhookId!: string;

  @Column({ name: 'workflow_id', type: 'uuid' })
  workflowId!: string;

  @Column({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column({ name: 'event_type', type: 'varchar', length: 50 })
  eventType!: string;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' })
  status!: DeliveryStatus;

  /** Begun since it was last asked for, the one under way among them. */
  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  /** Of one that is being sent: when whoever sends it is taken for dead. */
  @Column({ name: 'next_attempt_at', type: 'timestamptz', default: () => 'now()' })
  nextAttemptAt!: Date;

  @Column({ name: 'is_being_sent', type: 'boolean', default: false })
  isBeingSent!: boolean;

  /** An attempt that fails is the last when the next would come after this. */
  @Column({ name: 'retry_until', type: 'timestamptz' })
  retryUntil!: Date;

  @Column({ name: 'last_attempt_at', type: 'timestamptz', nullable: true })
  lastAttemptAt!: Date | null;

  /** The HTTP status of the last answer; null where there was none. */
  @Column({ name: 'last_status', type: 'integer', nullable: true })
  lastStatus!: number | null;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ name: 'delivered_at', type: 'timestamptz', nullable: true })
  deliveredAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
