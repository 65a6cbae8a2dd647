import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls of no workflow may go earlier than those of workflows, so that retention would read all of these to find the oldest. */
export class CallsOfNoWorkflow1796101000600 implements MigrationInterface {
  readonly name = 'CallsOfNoWorkflow1796101000600';
  /** CONCURRENTLY takes none. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // It holds up nobody, and waits for whoever still works.
    await runner.query('SET lock_timeout = 0');
    try {
      // A try that was ended leaves an index that is not valid.
      await runner.query('DROP INDEX CONCURRENTLY IF EXISTS ix_llm_interactions_loose');
      await runner.query(
        'CREATE INDEX CONCURRENTLY ix_llm_interactions_loose ON llm_interactions (request_timestamp, id) WHERE workflow_id IS NULL',
      );
    } finally {
      // What migrations have.
      await runner.query(`SET lock_timeout = '1s'`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_llm_interactions_loose');
  }
}
