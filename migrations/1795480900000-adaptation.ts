import type { MigrationInterface, QueryRunner } from 'typeorm';

const BUILT_IN = `strategy IN ('direct_execution', 'sequential_decomposition', 'parallel_execution', 'recursive_decomposition',
  'council_driven', 'iterative_refinement')`;

/**
 * How a running workflow goes on: what was adapted, and how many councils were held over failed subtasks. Strategies are what the code
 * has, those of a team included: the start proves each name, not the schema.
 */
export class Adaptation1795480900000 implements MigrationInterface {
  name = 'Adaptation1795480900000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(
      `ALTER TABLE workflows ADD COLUMN pace jsonb NOT NULL DEFAULT '{"applied": []}',
                             ADD COLUMN recovery_councils integer NOT NULL DEFAULT 0`,
    );
    await query.query('ALTER TABLE workflows DROP CONSTRAINT ck_workflows_strategy');
    await query.query('ALTER TABLE workflow_outcomes DROP CONSTRAINT ck_workflow_outcomes_strategy');
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query(`ALTER TABLE workflow_outcomes ADD CONSTRAINT ck_workflow_outcomes_strategy CHECK (${BUILT_IN})`);
    await query.query(`ALTER TABLE workflows ADD CONSTRAINT ck_workflows_strategy CHECK (${BUILT_IN})`);
    await query.query('ALTER TABLE workflows DROP COLUMN recovery_councils, DROP COLUMN pace');
  }
}
