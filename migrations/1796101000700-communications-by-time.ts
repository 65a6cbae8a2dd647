import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexConcurrently } from './concurrently.js';

/** The list of messages is newest first over all workflows: each page sorted every message there was. */
export class CommunicationsByTime1796101000700 implements MigrationInterface {
  readonly name = 'CommunicationsByTime1796101000700';
  /** CONCURRENTLY takes none. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await indexConcurrently(runner, 'ix_agent_communications_sent', 'agent_communications (sent_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_agent_communications_sent');
  }
}
