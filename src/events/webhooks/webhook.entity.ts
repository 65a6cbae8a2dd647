import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('webhooks')
@Check('ck_webhooks_event_types', 'cardinality("event_types") > 0')
@Check('ck_webhooks_previous_secret', '("previous_secret" IS NULL) = ("previous_secret_until" IS NULL)')
@Index('ix_webhooks_created_at', ['createdAt', 'id'])
export class WebhookEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_webhooks' })
  id!: string;

  @Column({ name: 'url', type: 'text' })
  url!: string;

  @Column({ name: 'description', type: 'varchar', length: 500, nullable: true })
  description!: string | null;

  /** `*`: every one. */
  @Column({ name: 'event_types', type: 'varchar', length: 50, array: true })
  eventTypes!: string[];

  /** Only events of this workflow. */
  @Column({ name: 'workflow_id', type: 'uuid', nullable: true })
  workflowId!: string | null;

  @Column({ name: 'is_enabled', type: 'boolean', default: true })
  isEnabled!: boolean;

  /** Why NYX disabled it; null when a person did. */
  @Column({ name: 'disabled_reason', type: 'text', nullable: true })
  disabledReason!: string | null;

  /** `whsec_…`: what signs has to be known. */
  @Column({ name: 'secret', type: 'text' })
  secret!: string;

  /** Signs as well until then. */
  @Column({ name: 'previous_secret', type: 'text', nullable: true })
  previousSecret!: string | null;

  @Column({ name: 'previous_secret_until', type: 'timestamptz', nullable: true })
  previousSecretUntil!: Date | null;

  /** Since when no delivery succeeded; null: the last one did. */
  @Column({ name: 'failing_since', type: 'timestamptz', nullable: true })
  failingSince!: Date | null;

  @Column({ name: 'created_by', type: 'varchar', length: 100 })
  createdBy!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
