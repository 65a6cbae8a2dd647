import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InteractionResponseBlocks1795479250000 implements MigrationInterface {
  name = 'InteractionResponseBlocks1795479250000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" ADD "response_blocks" jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "llm_interactions" DROP COLUMN "response_blocks"`);
  }
}
