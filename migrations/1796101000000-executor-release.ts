import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which release a replica is, beside the version of its durable functions; those that do not say it yet are `unknown`. */
export class ExecutorRelease1796101000000 implements MigrationInterface {
  readonly name = 'ExecutorRelease1796101000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "executors" ADD "release" character varying(50) NOT NULL DEFAULT 'unknown'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "executors" DROP COLUMN "release"`);
  }
}
