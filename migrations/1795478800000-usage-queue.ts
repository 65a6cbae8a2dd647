import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Nothing ends between the copy and the end of this migration.
  `LOCK TABLE "llm_interactions" IN SHARE ROW EXCLUSIVE MODE`,
  `CREATE TABLE "llm_usage_queue" (
    "interaction_id" uuid NOT NULL CONSTRAINT "pk_llm_usage_queue" PRIMARY KEY,
    "final_at" timestamptz NOT NULL DEFAULT now()
  )`,
  `INSERT INTO "llm_usage_queue" ("interaction_id", "final_at")
    SELECT "id", CASE WHEN "error_code" = 'RELEASED' THEN "response_timestamp" + interval '2 days' ELSE now() END
      FROM "llm_interactions" WHERE NOT "rolled_up" AND "status" IN ('succeeded', 'failed') ORDER BY "request_timestamp"`,
  `ALTER TABLE "llm_usage_queue" ADD CONSTRAINT "fk_llm_usage_queue_interaction"
    FOREIGN KEY ("interaction_id") REFERENCES "llm_interactions"("id")`,
  `DROP INDEX "ix_llm_interactions_not_rolled_up"`,
  `ALTER TABLE "llm_interactions" DROP COLUMN "rolled_up"`,
  // A roll-up changes most rows again and again: with room for the next versions beside it each stays on its page.
  `ALTER TABLE "llm_latency_buckets" SET (fillfactor = 40)`,
];

const DOWN = [
  `ALTER TABLE "llm_latency_buckets" RESET (fillfactor)`,
  // Added as true: that rewrites no row, and few are not.
  `ALTER TABLE "llm_interactions" ADD "rolled_up" boolean NOT NULL DEFAULT true`,
  `UPDATE "llm_interactions" SET "rolled_up" = false
    WHERE "status" NOT IN ('succeeded', 'failed') OR "id" IN (SELECT "interaction_id" FROM "llm_usage_queue")`,
  `ALTER TABLE "llm_interactions" ALTER COLUMN "rolled_up" SET DEFAULT false`,
  `CREATE INDEX "ix_llm_interactions_not_rolled_up" ON "llm_interactions" ("request_timestamp") WHERE NOT rolled_up AND status IN ('succeeded', 'failed')`,
  `DROP TABLE "llm_usage_queue"`,
];

/** Calls to be rolled up stand in a narrow table of their own, because a mark on the call itself rewrote it and all its indexes. */
export class UsageQueue1795478800000 implements MigrationInterface {
  readonly name = 'UsageQueue1795478800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
