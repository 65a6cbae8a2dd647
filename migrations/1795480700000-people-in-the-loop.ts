import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people are asked, and what stops the time of a workflow. */
export class PeopleInTheLoop1795480700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "workflows"
      ADD "paused_at" timestamptz,
      ADD "deadline_at" timestamptz,
      ADD "clock_stopped_at" timestamptz,
      ADD "retries" integer NOT NULL DEFAULT 0`);
    await queryRunner.query(`CREATE TABLE "approvals" (
      "id" uuid NOT NULL,
      "workflow_id" uuid NOT NULL,
      "thought_id" uuid,
      "agent_id" uuid,
      "kind" varchar(20) NOT NULL,
      "tool_name" varchar(100),
      "arguments_hash" varchar(64) NOT NULL,
      "parameters" jsonb NOT NULL DEFAULT '{}',
      "risk" varchar(20),
      "reason" text NOT NULL,
      "status" varchar(20) NOT NULL DEFAULT 'pending',
      "default_decision" varchar(20) NOT NULL DEFAULT 'reject',
      "deadline_at" timestamptz NOT NULL,
      "answered_by" varchar(100),
      "comment" text,
      "answered_at" timestamptz,
      "created_at" timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT "pk_approvals" PRIMARY KEY ("id"),
      CONSTRAINT "ck_approvals_kind" CHECK ("kind" IN ('tool_call', 'human_review')),
      CONSTRAINT "ck_approvals_status" CHECK ("status" IN ('pending', 'approved', 'rejected', 'expired')),
      CONSTRAINT "ck_approvals_default" CHECK ("default_decision" IN ('approve', 'reject')),
      CONSTRAINT "ck_approvals_answered" CHECK (("status" = 'pending') = ("answered_at" IS NULL)),
      CONSTRAINT "fk_approvals_workflow" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE CASCADE,
      CONSTRAINT "fk_approvals_thought" FOREIGN KEY ("thought_id") REFERENCES "thought_trees" ("id") ON DELETE SET NULL,
      CONSTRAINT "fk_approvals_agent" FOREIGN KEY ("agent_id") REFERENCES "agents" ("id") ON DELETE SET NULL)`);
    await queryRunner.query(`CREATE INDEX "ix_approvals_workflow" ON "approvals" ("workflow_id", "created_at", "id")`);
    await queryRunner.query(`CREATE INDEX "ix_approvals_status" ON "approvals" ("status", "created_at", "id")`);
    await queryRunner.query(`CREATE INDEX "ix_approvals_created_at" ON "approvals" ("created_at", "id")`);
    await queryRunner.query(`CREATE INDEX "ix_approvals_thought" ON "approvals" ("thought_id")`);
    await queryRunner.query(`CREATE INDEX "ix_approvals_agent" ON "approvals" ("agent_id")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "approvals"`);
    await queryRunner.query(
      `ALTER TABLE "workflows" DROP "retries", DROP "clock_stopped_at", DROP "deadline_at", DROP "paused_at"`,
    );
  }
}
