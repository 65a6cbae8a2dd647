import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { migrateDatabase } from '../../src/database/migrate.js';
import { DatabaseClients } from '../support/database-clients.js';
import { fill } from './filled-tables.js';
import { laterMigrations } from './later-migrations.js';
import { longLocks } from './migration-locks.js';

describe('the locks of migrations', () => {
  const database = DatabaseClients.forEachTest({ empty: true });
  let tables: string[];

  beforeEach(async () => {
    const released = migrations.filter((migration) => !laterMigrations.includes(migration));
    await migrateDatabase(
      database.url,
      released.map(({ name }) => name),
    );
    const client = await database.connect();
    await fill(client);
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    tables = rows.map(({ name }) => name);
  });

  const locksOf = (statements: readonly string[], transaction = true): Promise<string[]> => {
    const up = async (runner: QueryRunner): Promise<void> => {
      for (const statement of statements) await runner.query(statement);
    };
    return longLocks(database, { up, transaction } as MigrationInterface, tables);
  };

  it('of this release keep no writer waiting for as long as the rows of a table take', async () => {
    for (const Migration of laterMigrations) {
      expect([Migration.name, await longLocks(database, new Migration(), tables)]).toEqual([Migration.name, []]);
    }
  });

  const INDEX = 'INDEX ix ON llm_interactions (model)';
  const CHECK = `CONSTRAINT ck CHECK (goal <> '')`;

  it.each<[string, ...string[]]>([
    ['ShareLock of llm_interactions', `CREATE ${INDEX}`],
    ['AccessExclusiveLock of workflows', 'ALTER TABLE workflows ALTER COLUMN goal TYPE varchar(900)'],
    ['AccessExclusiveLock of workflows', 'ALTER TABLE workflows ADD a uuid DEFAULT gen_random_uuid()'],
    ['AccessExclusiveLock of executors', 'ALTER TABLE executors ADD a text', 'UPDATE executors SET a = version'],
    ['AccessExclusiveLock of llm_interactions', 'ALTER TABLE llm_interactions ALTER COLUMN workflow_id SET NOT NULL'],
    ['AccessExclusiveLock of workflows', `ALTER TABLE workflows ADD ${CHECK}`],
    [
      'AccessExclusiveLock of workflows',
      `ALTER TABLE workflows ADD ${CHECK} NOT VALID`,
      'ALTER TABLE workflows VALIDATE CONSTRAINT ck',
    ],
  ])('would show %s in %s', async (lock, ...statements) => {
    expect(await locksOf(statements)).toContain(`${lock} while all its rows are read`);
  });

  it('would show an index that is built outside a transaction, but not CONCURRENTLY', async () => {
    expect(await locksOf([`CREATE ${INDEX}`], false)).toEqual([
      'ShareLock of llm_interactions while all its rows are read',
    ]);
  });

  it('would show a table that has no rows here', async () => {
    expect(await locksOf(['ALTER TABLE webhooks ADD a text'])).toEqual([
      expect.stringMatching(/^AccessExclusiveLock of webhooks: fill it/),
    ]);
  });

  it('lets pass what reads no rows, or locks none', async () => {
    expect(await locksOf([`ALTER TABLE workflows ADD a text NOT NULL DEFAULT 'x'`])).toEqual([]);
    expect(await locksOf([`ALTER TABLE workflows ADD ${CHECK} NOT VALID`])).toEqual([]);
    expect(await locksOf(['ALTER TABLE workflows VALIDATE CONSTRAINT ck'])).toEqual([]);
    const indexed = [
      `CREATE ${INDEX}`.replace('INDEX', 'INDEX CONCURRENTLY'),
      'ALTER TABLE llm_interactions ADD a text',
    ];
    expect(await locksOf(indexed, false)).toEqual([]);
  });
});
