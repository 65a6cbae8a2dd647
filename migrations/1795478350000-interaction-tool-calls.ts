import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InteractionToolCalls1795478350000 implements MigrationInterface {
  name = 'InteractionToolCalls1795478350000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" ADD "tool_calls" jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" DROP COLUMN "tool_calls"`);
  }
}
