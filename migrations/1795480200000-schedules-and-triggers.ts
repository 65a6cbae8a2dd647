import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE "workflows" ADD "schedule_id" uuid, ADD "trigger_id" uuid, ADD "registered" jsonb`,
  `CREATE INDEX "ix_workflows_schedule" ON "workflows" ("schedule_id", "created_at", "id") WHERE schedule_id IS NOT NULL`,
  `CREATE INDEX "ix_workflows_trigger" ON "workflows" ("trigger_id", "created_at", "id") WHERE trigger_id IS NOT NULL`,
  `CREATE TABLE "workflow_templates" (
    "id" uuid NOT NULL,
    "name" varchar(100) NOT NULL,
    "version" integer NOT NULL,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "updated_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_workflow_templates_version" CHECK ("version" >= 1),
    CONSTRAINT "pk_workflow_templates" PRIMARY KEY ("id")
  )`,
  `CREATE UNIQUE INDEX "uq_workflow_templates_name" ON "workflow_templates" ("name")`,
  `CREATE INDEX "ix_workflow_templates_created_at" ON "workflow_templates" ("created_at", "id")`,
  `CREATE TABLE "workflow_template_versions" (
    "template_id" uuid NOT NULL,
    "version" integer NOT NULL,
    "description" text,
    "request" jsonb NOT NULL,
    "created_by" varchar(100) NOT NULL,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_workflow_template_versions_version" CHECK ("version" >= 1),
    CONSTRAINT "pk_workflow_template_versions" PRIMARY KEY ("template_id", "version"),
    CONSTRAINT "fk_workflow_template_versions_template" FOREIGN KEY ("template_id") REFERENCES "workflow_templates" ("id") ON DELETE CASCADE
  )`,
  `CREATE TABLE "schedules" (
    "id" uuid NOT NULL,
    "name" varchar(200) NOT NULL,
    "principal_id" varchar(100) NOT NULL,
    "cron" varchar(200) NOT NULL,
    "timezone" varchar(64) NOT NULL,
    "missed_fires" varchar(20) NOT NULL,
    "template_name" varchar(100),
    "template_request" jsonb,
    "parameters" jsonb NOT NULL DEFAULT '{}',
    "is_paused" boolean NOT NULL DEFAULT false,
    "next_fire_at" timestamptz NOT NULL,
    "last_fire_at" timestamptz,
    "last_workflow_id" uuid,
    "last_error" text,
    "last_error_at" timestamptz,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "updated_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_schedules_missed_fires" CHECK ("missed_fires" IN ('skip', 'run_once')),
    CONSTRAINT "ck_schedules_template" CHECK (num_nonnulls("template_name", "template_request") = 1),
    CONSTRAINT "pk_schedules" PRIMARY KEY ("id")
  )`,
  `CREATE INDEX "ix_schedules_due" ON "schedules" ("next_fire_at", "id") WHERE NOT is_paused`,
  `CREATE INDEX "ix_schedules_created_at" ON "schedules" ("created_at", "id")`,
  `CREATE TABLE "triggers" (
    "id" uuid NOT NULL,
    "name" varchar(200) NOT NULL,
    "principal_id" varchar(100) NOT NULL,
    "event_type" varchar(200) NOT NULL,
    "source" varchar(200) NOT NULL,
    "conditions" jsonb NOT NULL DEFAULT '[]',
    "debounce_seconds" integer NOT NULL DEFAULT 0,
    "template_name" varchar(100),
    "template_request" jsonb,
    "parameters" jsonb NOT NULL DEFAULT '{}',
    "is_enabled" boolean NOT NULL DEFAULT true,
    "fired_count" bigint NOT NULL DEFAULT 0,
    "swallowed_count" bigint NOT NULL DEFAULT 0,
    "last_fired_at" timestamptz,
    "last_workflow_id" uuid,
    "last_error" text,
    "last_error_at" timestamptz,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "updated_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_triggers_template" CHECK (num_nonnulls("template_name", "template_request") = 1),
    CONSTRAINT "ck_triggers_counts" CHECK ("debounce_seconds" >= 0 AND "fired_count" >= 0 AND "swallowed_count" >= 0),
    CONSTRAINT "pk_triggers" PRIMARY KEY ("id")
  )`,
  `CREATE INDEX "ix_triggers_event_type" ON "triggers" ("event_type", "id") WHERE is_enabled`,
  `CREATE INDEX "ix_triggers_created_at" ON "triggers" ("created_at", "id")`,
  `CREATE TABLE "outside_events" (
    "id" uuid NOT NULL,
    "principal_id" varchar(100) NOT NULL,
    "type" varchar(200) NOT NULL,
    "source" varchar(200) NOT NULL,
    "details" jsonb NOT NULL DEFAULT '{}',
    "workflows" jsonb NOT NULL DEFAULT '[]',
    "skipped" jsonb NOT NULL DEFAULT '[]',
    "created_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "pk_outside_events" PRIMARY KEY ("id")
  )`,
  `CREATE INDEX "ix_outside_events_created_at" ON "outside_events" ("created_at", "id")`,
  `CREATE INDEX "ix_outside_events_type" ON "outside_events" ("type", "created_at", "id")`,
];

const DOWN = [
  `DROP TABLE "outside_events"`,
  `DROP TABLE "triggers"`,
  `DROP TABLE "schedules"`,
  `DROP TABLE "workflow_template_versions"`,
  `DROP TABLE "workflow_templates"`,
  `DROP INDEX "ix_workflows_trigger"`,
  `DROP INDEX "ix_workflows_schedule"`,
  `ALTER TABLE "workflows" DROP COLUMN "registered", DROP COLUMN "trigger_id", DROP COLUMN "schedule_id"`,
];

/** Workflows that start by themselves: their templates, the times and the events that start them. */
export class SchedulesAndTriggers1795480200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}
