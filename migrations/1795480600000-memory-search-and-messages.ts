import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MemorySearchAndMessages1795480600000 implements MigrationInterface {
  name = 'MemorySearchAndMessages1795480600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      `ALTER TABLE "memories" ADD "search" tsvector`,
      `UPDATE "memories" SET "search" = to_tsvector('english', "content")`,
      `ALTER TABLE "memories" ALTER "search" SET NOT NULL`,
      `CREATE INDEX "ix_memories_search" ON "memories" USING gin ("search")`,
      `CREATE INDEX "ix_memories_created_at" ON "memories" ("created_at", "id")`,
      `ALTER TABLE "agent_communications" ADD "workflow_id" uuid`,
      `UPDATE "agent_communications" SET "workflow_id" = (SELECT root_id FROM thought_trees WHERE id = thought_tree_id)`,
      `ALTER TABLE "agent_communications" ALTER "workflow_id" SET NOT NULL`,
      `ALTER TABLE "agent_communications" ADD "receipts" jsonb NOT NULL DEFAULT '{}'`,
      `ALTER TABLE "agent_communications" ADD CONSTRAINT "fk_agent_communications_workflow" FOREIGN KEY ("workflow_id")
         REFERENCES "workflows" ("id") ON DELETE CASCADE`,
      `CREATE INDEX "ix_agent_communications_workflow" ON "agent_communications" ("workflow_id", "id")`,
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      `ALTER TABLE "agent_communications" DROP COLUMN "workflow_id"`,
      `ALTER TABLE "agent_communications" DROP COLUMN "receipts"`,
      `DROP INDEX "ix_memories_created_at"`,
      `ALTER TABLE "memories" DROP COLUMN "search"`,
    ]) {
      await queryRunner.query(statement);
    }
  }
}
