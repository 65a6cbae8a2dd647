import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose data is to be erased, and when it was. */
export class Erasures1796100800000 implements MigrationInterface {
  readonly name = 'Erasures1796100800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE erasures (
      principal_id varchar(100) NOT NULL CONSTRAINT pk_erasures PRIMARY KEY,
      requested_at timestamptz NOT NULL DEFAULT now(),
      completed_at timestamptz,
      workflows integer NOT NULL DEFAULT 0
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erasures');
  }
}
