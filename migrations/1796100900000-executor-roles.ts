import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Replicas that take only some duties say which. */
export class ExecutorRoles1796100900000 implements MigrationInterface {
  readonly name = 'ExecutorRoles1796100900000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "executors" ADD "roles" character varying(50) NOT NULL DEFAULT 'api,worker,engine'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "executors" DROP COLUMN "roles"`);
  }
}
