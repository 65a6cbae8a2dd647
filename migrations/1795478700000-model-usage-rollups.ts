import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sums of model calls that stay as small as they are while the calls become many. */
export class ModelUsageRollups1795478700000 implements MigrationInterface {
  readonly name = 'ModelUsageRollups1795478700000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const sums = `
  "requests" bigint NOT NULL,
  "answers" bigint NOT NULL,
  "successes" bigint NOT NULL,
  "retries" bigint NOT NULL,
  "cache_hits" bigint NOT NULL,
  "input_tokens" bigint NOT NULL,
  "output_tokens" bigint NOT NULL,
  "cache_creation_input_tokens" bigint NOT NULL,
  "cache_read_input_tokens" bigint NOT NULL,
  "latency_ms" bigint NOT NULL,
  "cost_usd" numeric(20,10) NOT NULL,
  "cost_without_cache_usd" numeric(20,10) NOT NULL`;

const UP = [
  `ALTER TABLE "llm_interactions"
    ADD "origin" varchar(20) NOT NULL DEFAULT 'api',
    ADD "rolled_up" boolean NOT NULL DEFAULT false`,
  `UPDATE "llm_interactions" i SET "origin" = w."origin" FROM "workflows" w WHERE w."id" = i."workflow_id"`,
  `ALTER TABLE "llm_interactions" ADD CONSTRAINT "ck_llm_interactions_origin" CHECK ("origin" IN ('user', 'motivation', 'schedule', 'api'))`,
  `CREATE INDEX "ix_llm_interactions_not_rolled_up" ON "llm_interactions" ("request_timestamp") WHERE NOT rolled_up AND status IN ('succeeded', 'failed')`,
  `CREATE INDEX "ix_llm_interactions_in_doubt" ON "llm_interactions" ("request_timestamp") WHERE status = 'in_doubt'`,
  `CREATE TABLE "llm_usage_totals" (
    "kind" varchar(20) NOT NULL,
    "key" varchar(100) NOT NULL,
    ${sums},
    CONSTRAINT "pk_llm_usage_totals" PRIMARY KEY ("kind", "key"),
    CONSTRAINT "ck_llm_usage_totals_kind" CHECK ("kind" IN ('model', 'origin'))
  )`,
  `CREATE TABLE "llm_usage_rollups" (
    "kind" varchar(20) NOT NULL,
    "day" date NOT NULL,
    "key" varchar(100) NOT NULL,
    ${sums},
    CONSTRAINT "pk_llm_usage_rollups" PRIMARY KEY ("kind", "day", "key"),
    CONSTRAINT "ck_llm_usage_rollups_kind" CHECK ("kind" IN ('principal', 'model', 'day', 'workflow', 'origin'))
  )`,
  `CREATE TABLE "llm_latency_buckets" (
    "model" varchar(100) NOT NULL,
    "bucket" integer NOT NULL,
    "answers" bigint NOT NULL,
    CONSTRAINT "pk_llm_latency_buckets" PRIMARY KEY ("model", "bucket")
  )`,
];

const DOWN = [
  `DROP TABLE "llm_latency_buckets"`,
  `DROP TABLE "llm_usage_rollups"`,
  `DROP TABLE "llm_usage_totals"`,
  `DROP INDEX "ix_llm_interactions_in_doubt"`,
  `DROP INDEX "ix_llm_interactions_not_rolled_up"`,
  `ALTER TABLE "llm_interactions" DROP COLUMN "rolled_up", DROP COLUMN "origin"`,
];
