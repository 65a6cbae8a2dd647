import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the conditions of motivations are counted by: each looks in every evaluation, however many rows there are. */
export class MotivationConditions1796020100000 implements MigrationInterface {
  readonly name = 'MotivationConditions1796020100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`DROP INDEX ${index}`);
  }
}

const INDEXES = [
  'ix_workflows_unfinished',
  'ix_workflows_completed_at',
  'ix_llm_interactions_unsure',
  'ix_tool_executions_failed',
  'ix_thought_trees_completed_at',
  'ix_memories_global',
];

const UP = [
  `CREATE INDEX ix_workflows_unfinished ON workflows (completed_at, id)
     WHERE status IN ('failed', 'cancelled') AND origin <> 'motivation'`,
  `CREATE INDEX ix_workflows_completed_at ON workflows (completed_at, id) WHERE status = 'completed'`,
  `CREATE INDEX ix_llm_interactions_unsure ON llm_interactions (request_timestamp, id)
     WHERE confidence < 0.5 AND origin <> 'motivation'`,
  `CREATE INDEX ix_tool_executions_failed ON tool_executions (tool_name, completed_at, id) WHERE status = 'failed'`,
  'CREATE INDEX ix_thought_trees_completed_at ON thought_trees (completed_at) WHERE completed_at IS NOT NULL',
  `CREATE INDEX ix_memories_global ON memories (created_at, id) WHERE scope = 'global'`,
];
