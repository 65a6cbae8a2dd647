import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Wrong sign-ins in a row, by account and by address. */
export class LoginFailures1796030000000 implements MigrationInterface {
  readonly name = 'LoginFailures1796030000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE login_failures (
      kind varchar(10) NOT NULL,
      key varchar(64) NOT NULL,
      failures integer NOT NULL,
      last_at timestamptz NOT NULL,
      blocked_until timestamptz NOT NULL,
      CONSTRAINT pk_login_failures PRIMARY KEY (kind, key),
      CONSTRAINT ck_login_failures_kind CHECK ("kind" IN ('account', 'address')),
      CONSTRAINT ck_login_failures_count CHECK ("failures" >= 0)
    )`);
    await runner.query('CREATE INDEX ix_login_failures_last_at ON login_failures (last_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE login_failures');
  }
}
