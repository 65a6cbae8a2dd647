import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE "llm_interactions" ADD "template_name" varchar(100), ADD "template_version" integer, ADD "other_templates" jsonb`,
  `ALTER TABLE "prompt_templates" ADD "success_count" bigint NOT NULL DEFAULT 0, ADD "activated_at" timestamptz,
    ADD CONSTRAINT "ck_prompt_templates_successes" CHECK ("success_count" >= 0 AND "success_count" <= "usage_count")`,
  `UPDATE "prompt_templates" SET "activated_at" = "created_at"`,
  `CREATE INDEX "ix_prompt_templates_created_at" ON "prompt_templates" ("created_at", "id")`,
  `CREATE TABLE "prompt_template_uses" (
    "interaction_id" uuid NOT NULL CONSTRAINT "pk_prompt_template_uses" PRIMARY KEY,
    "template_name" varchar(100) NOT NULL,
    "template_version" integer NOT NULL,
    "other_templates" jsonb NOT NULL DEFAULT '[]',
    "success" boolean NOT NULL,
    CONSTRAINT "ck_prompt_template_uses_version" CHECK ("template_version" >= 1)
  )`,
];

const DOWN = [
  `DROP TABLE "prompt_template_uses"`,
  `DROP INDEX "ix_prompt_templates_created_at"`,
  `ALTER TABLE "prompt_templates" DROP CONSTRAINT "ck_prompt_templates_successes", DROP "activated_at", DROP "success_count"`,
  `ALTER TABLE "llm_interactions" DROP "other_templates", DROP "template_version", DROP "template_name"`,
];

/** Versions of prompt templates that are used: which one made a call, and how often each brought what was asked for. */
export class PromptTemplateVersions1795478600000 implements MigrationInterface {
  readonly name = 'PromptTemplateVersions1795478600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}
