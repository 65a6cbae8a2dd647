import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_ENGINE_CONFIG } from './engine-config.js';

const { evaluationIntervalSeconds, maxConcurrentTasks, minArbitrationThreshold } = DEFAULT_ENGINE_CONFIG;

/** One row, from the first start on: whether the engine runs and how, for all replicas and over restarts. */
@Entity('motivation_engine')
@Check('ck_motivation_engine_one', '"id" = 1')
@Check('ck_motivation_engine_interval', '"evaluation_interval_seconds" BETWEEN 1 AND 3600')
@Check('ck_motivation_engine_tasks', '"max_concurrent_tasks" BETWEEN 1 AND 50')
@Check('ck_motivation_engine_threshold', '"min_arbitration_threshold" BETWEEN 0 AND 1')
@Check('ck_motivation_engine_counts', '"evaluations" >= 0 AND "errors_in_row" >= 0')
export class MotivationEngineEntity {
  @PrimaryColumn({ name: 'id', type: 'integer', primaryKeyConstraintName: 'pk_motivation_engine' })
  id!: number;

  @Column({ name: 'is_running', type: 'boolean' })
  isRunning!: boolean;

  @Column({ name: 'evaluation_interval_seconds', type: 'integer', default: evaluationIntervalSeconds })
  evaluationIntervalSeconds!: number;

  @Column({ name: 'max_concurrent_tasks', type: 'integer', default: maxConcurrentTasks })
  maxConcurrentTasks!: number;

  @Column({
    name: 'min_arbitration_threshold',
    type: 'double precision',
    default: () => `'${minArbitrationThreshold}'`,
  })
  minArbitrationThreshold!: number;

  @Column({ name: 'safety_enabled', type: 'boolean', default: true })
  safetyEnabled!: boolean;

  @Column({ name: 'test_mode', type: 'boolean', default: false })
  testMode!: boolean;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'stopped_at', type: 'timestamptz', nullable: true })
  stoppedAt!: Date | null;

  /** Up to when time and evidence are in the states; the start counts as an evaluation. */
  @Column({ name: 'evolved_at', type: 'timestamptz' })
  evolvedAt!: Date;

  @Column({ name: 'last_evaluation_at', type: 'timestamptz', nullable: true })
  lastEvaluationAt!: Date | null;

  @Column({ name: 'next_evaluation_at', type: 'timestamptz', nullable: true })
  nextEvaluationAt!: Date | null;

  @Column({ name: 'evaluations', type: 'bigint', default: 0 })
  evaluations!: string;

  /** The executor that evaluated last. */
  @Column({ name: 'leader', type: 'varchar', length: 100, nullable: true })
  leader!: string | null;

  @Column({ name: 'errors_in_row', type: 'integer', default: 0 })
  errorsInRow!: number;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ name: 'last_error_at', type: 'timestamptz', nullable: true })
  lastErrorAt!: Date | null;

  /** Only the release before reads and writes it: to be dropped when none of its replicas is left. */
  @Column({ name: 'pruned_at', type: 'timestamptz', nullable: true })
  prunedAt!: Date | null;
}
