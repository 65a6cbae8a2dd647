import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What ended workflows are scored and learned from, the feedback on them, and the strategies that were not chosen. */
export class WorkflowOutcomes1795480300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "workflows" ADD "strategy_alternatives" jsonb NOT NULL DEFAULT '[]'`);
    await queryRunner.query(`CREATE TABLE "workflow_outcomes" (
      "workflow_id" uuid NOT NULL,
      "input_type" varchar(40) NOT NULL,
      "complexity" varchar(20),
      "strategy" varchar(40),
      "is_evidence" boolean NOT NULL,
      "completed" boolean NOT NULL,
      "success" double precision NOT NULL,
      "llm_calls" integer NOT NULL,
      "agents" integer NOT NULL,
      "cost_usd" numeric(20,10) NOT NULL,
      "duration_ms" double precision,
      "score_input" jsonb NOT NULL,
      "ended_at" timestamptz NOT NULL,
      CONSTRAINT "pk_workflow_outcomes" PRIMARY KEY ("workflow_id"),
      CONSTRAINT "fk_workflow_outcomes_workflow" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE CASCADE,
      CONSTRAINT "ck_workflow_outcomes_input_type" CHECK ("input_type" IN ('user_prompt', 'structured_task', 'goal_workflow', 'scheduled_workflow', 'reactive_workflow', 'continuation_workflow')),
      CONSTRAINT "ck_workflow_outcomes_complexity" CHECK ("complexity" IN ('low', 'medium', 'high', 'critical')),
      CONSTRAINT "ck_workflow_outcomes_strategy" CHECK ("strategy" IN ('direct_execution', 'sequential_decomposition', 'parallel_execution', 'recursive_decomposition', 'council_driven', 'iterative_refinement')),
      CONSTRAINT "ck_workflow_outcomes_success" CHECK ("success" BETWEEN 0 AND 1),
      CONSTRAINT "ck_workflow_outcomes_evidence" CHECK (NOT "is_evidence" OR ("complexity" IS NOT NULL AND "strategy" IS NOT NULL AND "duration_ms" IS NOT NULL))
    )`);
    await queryRunner.query(
      `CREATE INDEX "ix_workflow_outcomes_class" ON "workflow_outcomes" ("input_type", "complexity", "strategy", "ended_at") WHERE is_evidence`,
    );
    await queryRunner.query(`CREATE TABLE "workflow_feedback" (
      "workflow_id" uuid NOT NULL,
      "principal_id" varchar(100) NOT NULL,
      "score" double precision NOT NULL,
      "comment" text,
      "created_at" timestamptz NOT NULL DEFAULT now(),
      "updated_at" timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT "pk_workflow_feedback" PRIMARY KEY ("workflow_id", "principal_id"),
      CONSTRAINT "fk_workflow_feedback_workflow" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE CASCADE,
      CONSTRAINT "ck_workflow_feedback_score" CHECK ("score" BETWEEN 0 AND 1)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "workflow_feedback"`);
    await queryRunner.query(`DROP TABLE "workflow_outcomes"`);
    await queryRunner.query(`ALTER TABLE "workflows" DROP COLUMN "strategy_alternatives"`);
  }
}
