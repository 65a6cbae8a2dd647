import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long evaluations take, when old ones were last deleted, and a way to the few that started something. */
export class EngineUpkeep1796020200000 implements MigrationInterface {
  readonly name = 'EngineUpkeep1796020200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE motivation_engine ADD COLUMN pruned_at timestamptz');
    await runner.query(
      `ALTER TABLE motivation_decisions ADD COLUMN duration_ms double precision NOT NULL DEFAULT 0,
         DROP CONSTRAINT ck_motivation_decisions_amounts,
         ADD CONSTRAINT ck_motivation_decisions_amounts CHECK ("elapsed_seconds" >= 0 AND "duration_ms" >= 0 AND "spawned" >= 0)`,
    );
    await runner.query(
      'CREATE INDEX ix_motivation_decisions_spawned ON motivation_decisions (evaluated_at, id) WHERE spawned > 0',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_motivation_decisions_spawned');
    await runner.query(
      `ALTER TABLE motivation_decisions DROP CONSTRAINT ck_motivation_decisions_amounts, DROP COLUMN duration_ms,
         ADD CONSTRAINT ck_motivation_decisions_amounts CHECK ("elapsed_seconds" >= 0 AND "spawned" >= 0)`,
    );
    await runner.query('ALTER TABLE motivation_engine DROP COLUMN pruned_at');
  }
}
