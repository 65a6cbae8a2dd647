import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the validation of a result found, and its success criteria one by one. */
export class ResultValidation1795480500000 implements MigrationInterface {
  name = 'ResultValidation1795480500000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "workflows" ADD "validation" jsonb, ADD "success_criteria" jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "workflows" DROP COLUMN "success_criteria", DROP COLUMN "validation"`);
  }
}
