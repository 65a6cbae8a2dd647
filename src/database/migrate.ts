import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { codeOf } from '../config/error-code.js';
import { StartError } from '../config/start-error.js';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import { isConnectionError } from './connection-errors.js';
import { createDataSource } from './data-source.js';
import { KEEP_ALIVE } from './pipelined-client.js';

const POLL_MS = 100;
/** Of who asks for the lock of migrations: its questions wait for nobody. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Whoever asks for a lock that excludes writers has all that come after wait with it: so not for long. */
export const LOCK_TIMEOUT_MS = 1_000;
/** Before it asks again; the writers that waited are let through. */
const PAUSE_MS = 1_000;
/** A transaction that is open for longer than this is told of, instead of being waited for. */
const PATIENCE_MS = 10 * 60_000;
/** A lock was not got in time; or a deadlock was ended. */
const HELD = ['55P03', '40P01'];

/**
 * Brings the schema up to date; replicas that start at once do it once. Answers the names of the migrations it ran. While
 * a long transaction holds what a migration needs, it gives way to other writers and tries again.
 * @param only names of the migrations to run; by default all
 * @throws StartError naming the migration that failed, or what kept it from running any; each runs in a transaction of its own, so those before it stay.
 */
export async function migrateDatabase(url: string, only?: readonly string[]): Promise<string[]> {
  return await withMigratingDataSource(
    url,
    async (dataSource) => {
      const before = await executed(dataSource);
      await givingWay(() => dataSource.runMigrations()).catch(async (error: unknown) => {
        throw await named(error, dataSource);
      });
      return (await executed(dataSource)).filter((name) => !before.includes(name));
    },
    only,
  );
}

/** What a migration threw, with its name: the first of those that were not run. */
async function named(error: unknown, dataSource: DataSource): Promise<unknown> {
  if (isConnectionError(error)) return error;
  const before = await executed(dataSource);
  const names = dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
  const failed = names.sort(byTime).find((name) => !before.includes(name));
  const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return new StartError(`The database could not be migrated: ${failed} failed: ${reason}.`, { cause: error });
}

/** The last 13 digits of a migration's name. */
const byTime = (one: string, other: string): number => Number(one.slice(-13)) - Number(other.slice(-13));

/** Takes the last migration back. Answers its name, or undefined when there is none. */
export async function revertLastMigration(url: string): Promise<string | undefined> {
  return await withMigratingDataSource(url, async (dataSource) => {
    const last = (await executed(dataSource)).at(-1);
    if (last !== undefined) await givingWay(() => dataSource.undoLastMigration());
    return last;
  });
}

/** In the order of their times. */
async function executed(dataSource: DataSource): Promise<string[]> {
  const tables: unknown[] = await dataSource.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'`,
  );
  if (tables.length === 0) return [];
  const rows: { name: string }[] = await dataSource.query('SELECT name FROM migrations ORDER BY timestamp, id');
  return rows.map(({ name }) => name);
}

/** Runs `work`, which changes a schema, again and again while a transaction of somebody else holds what it needs. */
export async function givingWay(work: () => Promise<unknown>): Promise<void> {
  let deadlineMs: number | undefined;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      const isHeld = HELD.includes(codeOf(error) ?? '');
      // Some take longer than that by themselves.
      deadlineMs ??= performance.now() + PATIENCE_MS;
      if (!isHeld || performance.now() > deadlineMs) throw error;
      new Logger('Migrations').warn('A migration waits for a transaction that holds what it changes.');
      await sleep(PAUSE_MS);
    }
  }
}

async function withMigratingDataSource<T>(
  url: string,
  work: (dataSource: DataSource) => Promise<T>,
  migrations?: readonly string[],
): Promise<T> {
  return await withMigrationLock(url, ADVISORY_LOCKS.migrations, async () => {
    const dataSource = createDataSource({
      url,
      poolSize: 2,
      applicationName: 'nyx:migrate',
      statementTimeoutMs: 0,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      migrations,
    });
    await dataSource.initialize();
    try {
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Runs `work`, which changes a schema, while no other replica does. */
export async function withMigrationLock<T>(url: string, lockNumber: string, work: () => Promise<T>): Promise<T> {
  const lock = new pg.Client({
    connectionString: url,
    application_name: 'nyx:migrate',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await lock.query(KEEP_ALIVE);
    // Asked again and again instead of waited for: a waiting statement holds a snapshot, which blocks CREATE INDEX CONCURRENTLY.
    while (!(await tryLock(lock, lockNumber))) await sleep(POLL_MS);
    return await work();
  } finally {
    await lock.end();
  }
}

async function tryLock(client: pg.Client, lockNumber: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${lockNumber}) AS locked`);
  return rows[0]?.locked ?? false;
}
