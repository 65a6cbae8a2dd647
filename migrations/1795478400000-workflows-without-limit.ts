import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A workflow may run without a limit of its own: `budget_workflow_usd` can be set to null. */
export class WorkflowsWithoutLimit1795478400000 implements MigrationInterface {
  readonly name = 'WorkflowsWithoutLimit1795478400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "workflows" ALTER COLUMN "max_cost_usd" DROP NOT NULL`);
  }

  /** Workflows without a limit get the highest one that the column holds. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE "workflows" SET "max_cost_usd" = 9999999999.9999999999 WHERE "max_cost_usd" IS NULL`);
    await runner.query(`ALTER TABLE "workflows" ALTER COLUMN "max_cost_usd" SET NOT NULL`);
  }
}
