import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexConcurrently } from './concurrently.js';

/** Calls of no workflow may go earlier than those of workflows, so that retention would read all of these to find the oldest. */
export class CallsOfNoWorkflow1796101000600 implements MigrationInterface {
  readonly name = 'CallsOfNoWorkflow1796101000600';
  /** CONCURRENTLY takes none. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await indexConcurrently(
      runner,
      'ix_llm_interactions_loose',
      'llm_interactions (request_timestamp, id) WHERE workflow_id IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_llm_interactions_loose');
  }
}
