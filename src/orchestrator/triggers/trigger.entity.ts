import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('triggers')
@Check('ck_triggers_template', 'num_nonnulls("template_name", "template_request") = 1')
@Check('ck_triggers_counts', '"debounce_seconds" >= 0 AND "fired_count" >= 0 AND "swallowed_count" >= 0')
@Index('ix_triggers_event_type', ['eventType', 'id'], { where: 'is_enabled' })
@Index('ix_triggers_principal', ['principalId', 'createdAt', 'id'])
@Index('ix_triggers_created_at', ['createdAt', 'id'])
export class TriggerEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_triggers' })
  id!: string;

  @Column({ name: 'name', type: 'varchar', length: 200 })
  name!: string;

  @Column({ name: 'principal_id', type: 'varchar', length: 100 })
  principalId!: string;

  @Column({ name: 'event_type', type: 'varchar', length: 200 })
  eventType!: string;

  /** `*`: whatever source. */
  @Column({ name: 'source', type: 'varchar', length: 200 })
  source!: string;

  @Column({ name: 'conditions', type: 'jsonb', default: () => "'[]'" })
  conditions!: unknown[];

  @Column({ name: 'debounce_seconds', type: 'integer', default: 0 })
  debounceSeconds!: number;

  @Column({ name: 'template_name', type: 'varchar', length: 100, nullable: true })
  templateName!: string | null;

  @Column({ name: 'template_request', type: 'jsonb', nullable: true })
  templateRequest!: unknown;

  @Column({ name: 'parameters', type: 'jsonb', default: () => "'{}'" })
  parameters!: Record<string, unknown>;

  @Column({ name: 'is_enabled', type: 'boolean', default: true })
  isEnabled!: boolean;

  @Column({ name: 'fired_count', type: 'bigint', default: 0 })
  firedCount!: string;

  /** Events that matched within the window after a fire. */
  @Column({ name: 'swallowed_count', type: 'bigint', default: 0 })
  swallowedCount!: string;

  @Column({ name: 'last_fired_at', type: 'timestamptz', nullable: true })
  lastFiredAt!: Date | null;

  @Column({ name: 'last_workflow_id', type: 'uuid', nullable: true })
  lastWorkflowId!: string | null;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ name: 'last_error_at', type: 'timestamptz', nullable: true })
  lastErrorAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
