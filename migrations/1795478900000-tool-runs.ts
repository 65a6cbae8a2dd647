import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run of a tool is claimed, refused and limited by. There was no tool before, so the table is empty. */
export class ToolRuns1795478900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "tool_executions"
      ADD "status" varchar(20) NOT NULL,
      ADD "rule" varchar(100),
      ADD "principal_id" varchar(100) NOT NULL,
      ADD "workflow_id" uuid,
      ADD "arguments_hash" varchar(64),
      ADD "metadata" jsonb NOT NULL DEFAULT '{}',
      ADD "executor_id" varchar(100) NOT NULL,
      ADD "claim_id" uuid NOT NULL,
      ADD "is_reported" boolean NOT NULL DEFAULT false,
      ADD CONSTRAINT "ck_tool_executions_status" CHECK ("status" IN ('running', 'succeeded', 'failed', 'refused', 'unknown')),
      ADD CONSTRAINT "ck_tool_executions_ended" CHECK (("status" = 'running') = ("completed_at" IS NULL)),
      ADD CONSTRAINT "fk_tool_executions_workflow" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE SET NULL`);
    await queryRunner.query(
      `CREATE INDEX "ix_tool_executions_workflow" ON "tool_executions" ("workflow_id", "started_at", "id")`,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_tool_executions_status" ON "tool_executions" ("status", "started_at", "id")`,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_tool_executions_person" ON "tool_executions" ("principal_id", "tool_name", "started_at") WHERE workflow_id IS NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "ix_tool_executions_person"`);
    await queryRunner.query(`DROP INDEX "ix_tool_executions_status"`);
    await queryRunner.query(`DROP INDEX "ix_tool_executions_workflow"`);
    await queryRunner.query(`ALTER TABLE "tool_executions"
      DROP CONSTRAINT "fk_tool_executions_workflow",
      DROP CONSTRAINT "ck_tool_executions_ended",
      DROP CONSTRAINT "ck_tool_executions_status",
      DROP COLUMN "is_reported", DROP COLUMN "claim_id", DROP COLUMN "executor_id", DROP COLUMN "metadata",
      DROP COLUMN "arguments_hash", DROP COLUMN "workflow_id", DROP COLUMN "principal_id", DROP COLUMN "rule", DROP COLUMN "status"`);
  }
}
