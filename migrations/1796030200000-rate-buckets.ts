import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often who asked lately. */
export class RateBuckets1796030200000 implements MigrationInterface {
  readonly name = 'RateBuckets1796030200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE UNLOGGED TABLE rate_buckets (
      key varchar(200) NOT NULL CONSTRAINT pk_rate_buckets PRIMARY KEY,
      empty_at timestamptz NOT NULL
    )`);
    await runner.query('CREATE INDEX ix_rate_buckets_empty_at ON rate_buckets (empty_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_buckets');
  }
}
