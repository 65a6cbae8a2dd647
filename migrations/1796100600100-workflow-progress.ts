import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Added as 100: that rewrites no row, and most have ended well.
  `ALTER TABLE "event_streams" ADD "progress" numeric(5,2) NOT NULL DEFAULT 100`,
  `ALTER TABLE "event_streams" ALTER COLUMN "progress" SET DEFAULT 0`,
  `UPDATE "event_streams" s SET "progress" = least(99.99, coalesce((
      SELECT max((e.data->>'progress_percentage')::numeric) FROM "workflow_events" e
       WHERE e.workflow_id = s.workflow_id AND e.type = 'workflow.progress'), 0))
    WHERE NOT EXISTS (SELECT FROM "workflows" w WHERE w.id = s.workflow_id AND w.status = 'completed')`,
  `ALTER TABLE "event_streams" ADD CONSTRAINT "ck_event_streams_progress" CHECK ("progress" BETWEEN 0 AND 100)`,
];

const DOWN = [
  `ALTER TABLE "event_streams" DROP CONSTRAINT "ck_event_streams_progress"`,
  `ALTER TABLE "event_streams" DROP COLUMN "progress"`,
];

/** How far a workflow has come stands where its events are numbered, so that it never falls. */
export class WorkflowProgress1796100600100 implements MigrationInterface {
  readonly name = 'WorkflowProgress1796100600100';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
