import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { MISSED_FIRES, type MissedFires } from './schedule.values.js';

@Entity('schedules')
@Check('ck_schedules_missed_fires', oneOf('missed_fires', MISSED_FIRES))
@Check('ck_schedules_template', 'num_nonnulls("template_name", "template_request") = 1')
@Index('ix_schedules_due', ['nextFireAt', 'id'], { where: 'NOT is_paused' })
@Index('ix_schedules_principal', ['principalId', 'createdAt', 'id'])
@Index('ix_schedules_created_at', ['createdAt', 'id'])
export class ScheduleEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_schedules' })
  id!: string;

  @Column({ name: 'name', type: 'varchar', length: 200 })
  name!: string;

  @Column({ name: 'principal_id', type: 'varchar', length: 100 })
  principalId!: string;

  @Column({ name: 'cron', type: 'varchar', length: 200 })
  cron!: string;

  @Column({ name: 'timezone', type: 'varchar', length: 64 })
  timezone!: string;

  @Column({ name: 'missed_fires', type: 'varchar', length: 20 })
  missedFires!: MissedFires;

  @Column({ name: 'template_name', type: 'varchar', length: 100, nullable: true })
  templateName!: string | null;

  @Column({ name: 'template_request', type: 'jsonb', nullable: true })
  templateRequest!: unknown;

  @Column({ name: 'parameters', type: 'jsonb', default: () => "'{}'" })
  parameters!: Record<string, unknown>;

  @Column({ name: 'is_paused', type: 'boolean', default: false })
  isPaused!: boolean;

  /** Of a paused schedule the slot that was next when it was paused. */
  @Column({ name: 'next_fire_at', type: 'timestamptz' })
  nextFireAt!: Date;

  @Column({ name: 'last_fire_at', type: 'timestamptz', nullable: true })
  lastFireAt!: Date | null;

  /** Not a foreign key: what happened stays true when the workflow is erased. */
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
