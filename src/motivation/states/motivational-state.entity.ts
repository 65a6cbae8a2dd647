import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('motivational_states')
@Check(
  'ck_motivational_states_levels',
  '"urgency" BETWEEN 0 AND 1 AND "satisfaction" BETWEEN 0 AND 1 AND "max_urgency" BETWEEN 0 AND 1 AND "min_satisfaction" BETWEEN 0 AND 1 AND "success_rate" BETWEEN 0 AND 1',
)
@Check(
  'ck_motivational_states_rates',
  '"decay_rate" >= 0 AND "boost_factor" >= 0 AND "base_decay_rate" >= 0 AND "base_boost_factor" >= 0',
)
@Check('ck_motivational_states_counts', '"success_count" >= 0 AND "failure_count" >= 0 AND "total_attempts" >= 0')
@Index('uq_motivational_states_type', ['motivationType'], { unique: true })
export class MotivationalStateEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_motivational_states' })
  id!: string;

  @Column({ name: 'motivation_type', type: 'varchar', length: 100 })
  motivationType!: string;

  @Column({ name: 'urgency', type: 'double precision', default: 0 })
  urgency!: number;

  @Column({ name: 'satisfaction', type: 'double precision', default: () => '0.5' })
  satisfaction!: number;

  @Column({ name: 'decay_rate', type: 'double precision' })
  decayRate!: number;

  @Column({ name: 'boost_factor', type: 'double precision' })
  boostFactor!: number;

  /** What the decay rate relaxes to. */
  @Column({ name: 'base_decay_rate', type: 'double precision' })
  baseDecayRate!: number;

  @Column({ name: 'base_boost_factor', type: 'double precision' })
  baseBoostFactor!: number;

  @Column({ name: 'trigger_condition', type: 'jsonb', default: () => "'{}'" })
  triggerCondition!: Record<string, unknown>;

  @Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @Column({ name: 'last_triggered_at', type: 'timestamptz', nullable: true })
  lastTriggeredAt!: Date | null;

  @Column({ name: 'last_satisfied_at', type: 'timestamptz', nullable: true })
  lastSatisfiedAt!: Date | null;

  @Column({ name: 'is_active', type: 'boolean', default: true })
  isActive!: boolean;

  @Column({ name: 'max_urgency', type: 'double precision', default: 1 })
  maxUrgency!: number;

  @Column({ name: 'min_satisfaction', type: 'double precision', default: 0 })
  minSatisfaction!: number;

  @Column({ name: 'success_count', type: 'integer', default: 0 })
  successCount!: number;

  @Column({ name: 'failure_count', type: 'integer', default: 0 })
  failureCount!: number;

  @Column({ name: 'total_attempts', type: 'integer', default: 0 })
  totalAttempts!: number;

  @Column({ name: 'success_rate', type: 'double precision', default: 0 })
  successRate!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
