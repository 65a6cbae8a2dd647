import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';

/** Of the session that migrates; a number like any other. */
const MIGRATION_LOCK = 5_207_002;
const POLL_MS = 100;

/**
 * Brings the schema up to date; replicas that start at once do it once. Answers the names of the migrations it ran.
 * @throws what a migration threw; each runs in a transaction of its own, so those before it stay.
 */
export async function migrateDatabase(url: string): Promise<string[]> {
  return await withMigratingDataSource(url, async (dataSource) =>
    (await dataSource.runMigrations()).map(({ name }) => name),
  );
}

/** Takes the last migration back. Answers its name, or undefined when there is none. */
export async function revertLastMigration(url: string): Promise<string | undefined> {
  return await withMigratingDataSource(url, async (dataSource) => {
    const last = await lastMigration(dataSource);
    if (last !== undefined) await dataSource.undoLastMigration();
    return last;
  });
}

async function lastMigration(dataSource: DataSource): Promise<string | undefined> {
  const tables: unknown[] = await dataSource.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'`,
  );
  if (tables.length === 0) return undefined;
  const rows: { name: string }[] = await dataSource.query(
    'SELECT name FROM migrations ORDER BY timestamp DESC, id DESC LIMIT 1',
  );
  return rows[0]?.name;
}

async function withMigratingDataSource<T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  return await withMigrationLock(url, async () => {
    const dataSource = createDataSource({ url, poolSize: 2, applicationName: 'nyx:migrate', statementTimeoutMs: 0 });
    await dataSource.initialize();
    try {
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Runs `work`, which changes schemas, while no other replica does. */
export async function withMigrationLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const lock = new pg.Client({ connectionString: url, application_name: 'nyx:migrate', keepAlive: true });
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    // Asked again and again instead of waited for: a waiting statement holds a snapshot, which blocks CREATE INDEX CONCURRENTLY.
    while (!(await tryLock(lock))) await sleep(POLL_MS);
    return await work();
  } finally {
    await lock.end();
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS locked`);
  return rows[0]?.locked ?? false;
}
