import type { QueryRunner } from 'typeorm';
import { laterMigrations } from './later-migrations.js';
import { faultsOf } from './migration-rules.js';

const faults = (...statements: string[]): string[] => faultsOf({ name: 'M', statements });

it('the migrations of this release leave the one before running', async () => {
  expect(laterMigrations.length).toBeGreaterThan(0);
  for (const Migration of laterMigrations) {
    const migration = new Migration() as { up(runner: QueryRunner): Promise<void>; transaction?: boolean };
    const statements: string[] = [];
    const recorder = {
      query: (text: string): Promise<unknown[]> => {
        statements.push(text);
        return Promise.resolve([]);
      },
    };
    await migration.up(recorder as unknown as QueryRunner);
    expect(statements.length).toBeGreaterThan(0);
    expect(faultsOf({ name: Migration.name, transaction: migration.transaction, statements })).toEqual([]);
  }
});

it.each([
  'ALTER TABLE "users" DROP COLUMN "name"',
  'ALTER TABLE users DROP name',
  'ALTER TABLE users ADD a text, DROP COLUMN b',
  'ALTER TABLE users RENAME COLUMN a TO b',
  'ALTER TABLE users RENAME TO people',
  'ALTER TABLE users ALTER COLUMN a TYPE bigint',
  'ALTER TABLE users ALTER a SET DATA TYPE bigint',
  'ALTER TABLE users ALTER COLUMN a SET NOT NULL',
  'ALTER TABLE users ADD a text NOT NULL',
  'ALTER TABLE users ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid()',
  'ALTER TABLE users ADD CONSTRAINT ck_a CHECK (a > 0)',
  'ALTER TABLE users ADD CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES b (id)',
  'ALTER TABLE users ADD CONSTRAINT uq_a UNIQUE (a)',
  'ALTER TABLE users ADD CHECK (a > 0)',
  'ALTER TABLE users ADD FOREIGN KEY (a) REFERENCES b (id)',
  'ALTER TABLE users ADD UNIQUE (a)',
  'ALTER TABLE users ADD PRIMARY KEY (a)',
  'ALTER TABLE users ADD COLUMN a integer CHECK (a > 0)',
  'ALTER TABLE users ADD a uuid REFERENCES b (id)',
  'ALTER TABLE users ADD a text UNIQUE',
  'ALTER TABLE users ADD a bigserial',
  'ALTER TABLE users ADD a integer GENERATED ALWAYS AS (b + 1) STORED',
  'ALTER TABLE users SET UNLOGGED',
  'ALTER TYPE mood RENAME VALUE $$a$$ TO $$b$$',
  'DROP VIEW people',
  'DROP FUNCTION f()',
  'DROP TRIGGER t ON users',
  'DROP INDEX ix_a',
  'REINDEX INDEX ix_a',
  'REFRESH MATERIALIZED VIEW sums',
  'CREATE INDEX ix_a ON users (a)',
  'CREATE UNIQUE INDEX "ix_a" ON "users" ("a")',
  'CREATE INDEX CONCURRENTLY ix_a ON users (a)',
  'DROP TABLE users',
  'TRUNCATE users',
  'LOCK TABLE users',
  'VACUUM FULL users',
  'UPDATE users SET a = 1',
  '-- a comment\n  DELETE FROM "users"',
])('refuses %s', (statement) => {
  expect(faults(statement)).toHaveLength(1);
});

it.each([
  ['ALTER TABLE users ADD a text'],
  [`ALTER TABLE users ADD a text NOT NULL DEFAULT 'DROP COLUMN a'`],
  ['ALTER TABLE users ADD a numeric(5,2) NOT NULL DEFAULT 0, ADD b text'],
  ['ALTER TABLE users ALTER COLUMN a DROP NOT NULL', 'ALTER TABLE users ALTER a DROP DEFAULT'],
  ['ALTER TABLE users DROP CONSTRAINT ck_a', 'ALTER TABLE users ADD CONSTRAINT ck_a CHECK (a > 0) NOT VALID'],
  ['ALTER TABLE users VALIDATE CONSTRAINT ck_a', 'ALTER TABLE users ALTER COLUMN a SET NOT NULL'],
  ['CREATE TABLE b (id uuid)', 'CREATE INDEX ix_b ON b (id)', 'ALTER TABLE b ADD CONSTRAINT ck CHECK (id IS NOT NULL)'],
  ['CREATE FUNCTION f() RETURNS trigger AS $x$ BEGIN UPDATE users SET a = 1; END $x$ LANGUAGE plpgsql'],
  [`INSERT INTO b (text) VALUES ('it''s; DROP TABLE users')`],
])('takes %s', (...statements) => {
  expect(faults(...statements)).toEqual([]);
});

it('refuses to validate what the same transaction adds, or the rows are read under its lock', () => {
  const add = 'ALTER TABLE users ADD CONSTRAINT ck_a CHECK (a > 0) NOT VALID';
  const validate = 'ALTER TABLE users VALIDATE CONSTRAINT ck_a';
  expect(faults(add, validate)).toHaveLength(1);
  expect(faults(validate)).toEqual([]);
  expect(faultsOf({ name: 'M', transaction: false, statements: [add, validate] })).toEqual([]);
});

it('takes an index that is built beside the writers, outside a transaction', () => {
  const statements = ['DROP INDEX CONCURRENTLY IF EXISTS ix_a', 'CREATE INDEX CONCURRENTLY ix_a ON users (a)'];
  const waiting = ['SET lock_timeout = 0', ...statements];
  expect(faultsOf({ name: 'M', transaction: false, statements: waiting })).toEqual([]);
  expect(faultsOf({ name: 'M', transaction: false, statements })).toHaveLength(2);
});
