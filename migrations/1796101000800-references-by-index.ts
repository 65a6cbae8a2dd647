import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropConcurrently, indexConcurrently } from './concurrently.js';

/** Who is deleted is looked for in each table that refers to it: without an index of all its rows, the whole table was read for every one. */
const INDEXES = [
  ['ix_agent_communications_to', 'agent_communications (receiver_agent_id)'],
  ['ix_motivational_targets_task', 'motivational_targets (task_id)'],
  ['ix_motivational_tasks_state', 'motivational_tasks (motivational_state_id)'],
] as const;

export class ReferencesByIndex1796101000800 implements MigrationInterface {
  readonly name = 'ReferencesByIndex1796101000800';
  /** CONCURRENTLY takes none. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, on] of INDEXES) await indexConcurrently(runner, name, on);
    // Nothing asked by it.
    await dropConcurrently(runner, 'ix_agent_communications_receiver');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX ix_agent_communications_receiver ON agent_communications (receiver_agent_id) WHERE NOT processed',
    );
    for (const [name] of INDEXES) await runner.query(`DROP INDEX ${name}`);
  }
}
