import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A workflow may continue another one; people may write notes on thoughts beside what NYX keeps there. */
export class ContinuationsAndAnnotations1795480100000 implements MigrationInterface {
  readonly name = 'ContinuationsAndAnnotations1795480100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "workflows" ADD COLUMN "parent_workflow_id" uuid, ADD COLUMN "inheritance" jsonb,
         ADD CONSTRAINT "fk_workflows_parent" FOREIGN KEY ("parent_workflow_id") REFERENCES "workflows" ("id") ON DELETE SET NULL`,
    );
    await runner.query(
      `CREATE INDEX "ix_workflows_parent" ON "workflows" ("parent_workflow_id", "created_at", "id") WHERE parent_workflow_id IS NOT NULL`,
    );
    await runner.query(`ALTER TABLE "thought_trees" ADD COLUMN "annotations" jsonb NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "thought_trees" DROP COLUMN "annotations"`);
    await runner.query(`ALTER TABLE "workflows" DROP COLUMN "inheritance", DROP COLUMN "parent_workflow_id"`);
  }
}
