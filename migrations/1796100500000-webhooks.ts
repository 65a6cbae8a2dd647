import type { MigrationInterface, QueryRunner } from 'typeorm';

const OPEN = `WHERE status IN ('pending', 'failed')`;

const UP = [
  `CREATE TABLE "webhooks" (
    "id" uuid NOT NULL,
    "url" text NOT NULL,
    "description" varchar(500),
    "event_types" varchar(50) array NOT NULL,
    "workflow_id" uuid,
    "is_enabled" boolean NOT NULL DEFAULT true,
    "disabled_reason" text,
    "secret" text NOT NULL,
    "previous_secret" text,
    "previous_secret_until" timestamptz,
    "failing_since" timestamptz,
    "created_by" varchar(100) NOT NULL,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "updated_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_webhooks_event_types" CHECK (cardinality("event_types") > 0),
    CONSTRAINT "ck_webhooks_previous_secret" CHECK (("previous_secret" IS NULL) = ("previous_secret_until" IS NULL)),
    CONSTRAINT "pk_webhooks" PRIMARY KEY ("id")
  )`,
  `CREATE INDEX "ix_webhooks_created_at" ON "webhooks" ("created_at", "id")`,
  `CREATE TABLE "webhook_deliveries" (
    "id" uuid NOT NULL,
    "webhook_id" uuid NOT NULL,
    "workflow_id" uuid NOT NULL,
    "seq" bigint NOT NULL,
    "event_type" varchar(50) NOT NULL,
    "status" varchar(20) NOT NULL DEFAULT 'pending',
    "attempts" integer NOT NULL DEFAULT 0,
    "next_attempt_at" timestamptz NOT NULL DEFAULT now(),
    "is_being_sent" boolean NOT NULL DEFAULT false,
    "retry_until" timestamptz NOT NULL,
    "last_attempt_at" timestamptz,
    "last_status" integer,
    "last_error" text,
    "delivered_at" timestamptz,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT "ck_webhook_deliveries_status" CHECK ("status" IN ('pending', 'delivered', 'failed', 'dead')),
    CONSTRAINT "ck_webhook_deliveries_attempts" CHECK ("attempts" >= 0),
    CONSTRAINT "pk_webhook_deliveries" PRIMARY KEY ("id"),
    CONSTRAINT "fk_webhook_deliveries_webhook" FOREIGN KEY ("webhook_id") REFERENCES "webhooks" ("id") ON DELETE CASCADE,
    CONSTRAINT "fk_webhook_deliveries_event" FOREIGN KEY ("workflow_id", "seq")
      REFERENCES "workflow_events" ("workflow_id", "seq") ON DELETE CASCADE
  )`,
  `CREATE INDEX "ix_webhook_deliveries_due" ON "webhook_deliveries" ("webhook_id", "next_attempt_at", "seq") ${OPEN}`,
  `CREATE INDEX "ix_webhook_deliveries_line" ON "webhook_deliveries" ("webhook_id", "workflow_id", "seq") ${OPEN}`,
  `CREATE INDEX "ix_webhook_deliveries_created_at" ON "webhook_deliveries" ("webhook_id", "created_at", "id")`,
  `CREATE INDEX "ix_webhook_deliveries_status" ON "webhook_deliveries" ("webhook_id", "status", "created_at", "id")`,
  `CREATE INDEX "ix_webhook_deliveries_event" ON "webhook_deliveries" ("workflow_id", "seq")`,
];

/** Who is told of events elsewhere, and what is still to be told. */
export class Webhooks1796100500000 implements MigrationInterface {
  readonly name = 'Webhooks1796100500000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "webhook_deliveries"');
    await runner.query('DROP TABLE "webhooks"');
  }
}
