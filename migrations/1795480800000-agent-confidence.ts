import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where an answer ends that reports confidence in a last line. */
export class AgentConfidence1795480800000 implements MigrationInterface {
  name = 'AgentConfidence1795480800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" ADD "content_length" integer,
      ADD CONSTRAINT "ck_llm_interactions_content_length" CHECK ("content_length" >= 0)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" DROP COLUMN "content_length"`);
  }
}
