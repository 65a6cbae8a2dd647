import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The engine's row, its decisions, what motivations took up, and what their rates relax to. */
export class MotivationEngine1796020000000 implements MigrationInterface {
  readonly name = 'MotivationEngine1796020000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE motivation_engine (
    id integer NOT NULL CONSTRAINT pk_motivation_engine PRIMARY KEY,
    is_running boolean NOT NULL,
    evaluation_interval_seconds integer NOT NULL DEFAULT 30,
    max_concurrent_tasks integer NOT NULL DEFAULT 3,
    min_arbitration_threshold double precision NOT NULL DEFAULT '0.3',
    safety_enabled boolean NOT NULL DEFAULT true,
    test_mode boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL,
    stopped_at timestamptz,
    evolved_at timestamptz NOT NULL,
    last_evaluation_at timestamptz,
    next_evaluation_at timestamptz,
    evaluations bigint NOT NULL DEFAULT 0,
    leader varchar(100),
    errors_in_row integer NOT NULL DEFAULT 0,
    last_error text,
    last_error_at timestamptz,
    CONSTRAINT ck_motivation_engine_one CHECK ("id" = 1),
    CONSTRAINT ck_motivation_engine_interval CHECK ("evaluation_interval_seconds" BETWEEN 1 AND 3600),
    CONSTRAINT ck_motivation_engine_tasks CHECK ("max_concurrent_tasks" BETWEEN 1 AND 50),
    CONSTRAINT ck_motivation_engine_threshold CHECK ("min_arbitration_threshold" BETWEEN 0 AND 1),
    CONSTRAINT ck_motivation_engine_counts CHECK ("evaluations" >= 0 AND "errors_in_row" >= 0)
  )`,
  `CREATE TABLE motivation_decisions (
    id uuid NOT NULL CONSTRAINT pk_motivation_decisions PRIMARY KEY,
    evaluated_at timestamptz NOT NULL,
    executor_id varchar(100) NOT NULL,
    elapsed_seconds double precision NOT NULL,
    config jsonb NOT NULL,
    considered jsonb NOT NULL,
    spawned integer NOT NULL DEFAULT 0,
    CONSTRAINT ck_motivation_decisions_amounts CHECK ("elapsed_seconds" >= 0 AND "spawned" >= 0)
  )`,
  'CREATE INDEX ix_motivation_decisions_evaluated_at ON motivation_decisions (evaluated_at, id)',
  `CREATE TABLE motivational_targets (
    motivation_type varchar(100) NOT NULL,
    target varchar(300) NOT NULL,
    task_id uuid,
    taken_until timestamptz NOT NULL,
    CONSTRAINT pk_motivational_targets PRIMARY KEY (motivation_type, target),
    CONSTRAINT fk_motivational_targets_task FOREIGN KEY (task_id) REFERENCES motivational_tasks (id) ON DELETE SET NULL
  )`,
  'CREATE INDEX ix_motivational_targets_taken_until ON motivational_targets (taken_until)',
  `ALTER TABLE motivational_states ADD COLUMN base_decay_rate double precision, ADD COLUMN base_boost_factor double precision,
     DROP CONSTRAINT ck_motivational_states_rates`,
  'UPDATE motivational_states SET base_decay_rate = decay_rate, base_boost_factor = boost_factor',
  `ALTER TABLE motivational_states ALTER COLUMN base_decay_rate SET NOT NULL, ALTER COLUMN base_boost_factor SET NOT NULL,
     ADD CONSTRAINT ck_motivational_states_rates CHECK ("decay_rate" >= 0 AND "boost_factor" >= 0 AND "base_decay_rate" >= 0 AND "base_boost_factor" >= 0)`,
  // Nothing ever wrote a task before.
  `ALTER TABLE motivational_tasks ADD COLUMN outcome_category varchar(20), ADD COLUMN target varchar(300) NOT NULL,
     ADD CONSTRAINT ck_motivational_tasks_category CHECK ("outcome_category" IN ('success', 'partial', 'failure'))`,
  'DROP INDEX ix_motivational_tasks_spawned_at',
  'CREATE INDEX ix_motivational_tasks_spawned_at ON motivational_tasks (spawned_at, id)',
  'CREATE INDEX ix_motivational_tasks_completed_at ON motivational_tasks (completed_at) WHERE completed_at IS NOT NULL',
  'ALTER TABLE workflows ADD COLUMN is_read_only boolean NOT NULL DEFAULT false',
];

const DOWN = [
  'ALTER TABLE workflows DROP COLUMN is_read_only',
  'DROP INDEX ix_motivational_tasks_completed_at',
  'DROP INDEX ix_motivational_tasks_spawned_at',
  'CREATE INDEX ix_motivational_tasks_spawned_at ON motivational_tasks (spawned_at)',
  'ALTER TABLE motivational_tasks DROP COLUMN target, DROP COLUMN outcome_category',
  `ALTER TABLE motivational_states DROP CONSTRAINT ck_motivational_states_rates, DROP COLUMN base_boost_factor, DROP COLUMN base_decay_rate`,
  `ALTER TABLE motivational_states ADD CONSTRAINT ck_motivational_states_rates CHECK ("decay_rate" >= 0 AND "boost_factor" >= 0)`,
  'DROP TABLE motivational_targets',
  'DROP TABLE motivation_decisions',
  'DROP TABLE motivation_engine',
];
