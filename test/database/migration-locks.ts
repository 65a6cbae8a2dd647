import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { DatabaseClients } from '../support/database-clients.js';
import { FILLED, ROWS } from './filled-tables.js';

/** What this session locks against writers, and how many rows of it its transaction has read so far. */
const HELD = `
  SELECT l.mode, c.relname AS "table", s.seq_tup_read::int AS read
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_xact_user_tables s ON s.relid = c.oid
   WHERE l.pid = pg_backend_pid() AND c.relname = ANY($1)
     AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

interface Held {
  readonly mode: string;
  readonly table: string;
  readonly read: number;
}

/**
 * Runs a migration, and says which locks it holds for as long as rows take that were there before. Of how long that is no clock is
 * asked: a transaction that reads a whole table which it has locked against writers takes the longer the more rows there are.
 * @param tables those of the release before
 */
export async function longLocks(
  database: DatabaseClients,
  migration: MigrationInterface,
  tables: readonly string[],
): Promise<string[]> {
  // A session of its own, which has read nothing yet.
  const client = await database.connect();
  const isInTransaction = migration.transaction !== false;
  const faults = new Set<string>();
  const query = async (text: string): Promise<void> => {
    // Locks are looked at before they are given back; CONCURRENTLY, which bears no transaction, takes none of these.
    const isSingle = !isInTransaction && !/\bCONCURRENTLY\b/i.test(text);
    if (isSingle) await client.query('BEGIN');
    await client.query(text);
    const { rows } = await client.query<Held>(HELD, [tables]);
    for (const held of rows) for (const fault of faultsOf(held)) faults.add(fault);
    if (isSingle) await client.query('COMMIT');
    // Or the next transaction would count these rows too.
    if (!isInTransaction) await client.query('SELECT pg_stat_force_next_flush()');
  };
  if (isInTransaction) await client.query('BEGIN');
  await migration.up({ query } as unknown as QueryRunner);
  if (isInTransaction) await client.query('COMMIT');
  return [...faults];
}

function faultsOf({ mode, table, read }: Held): string[] {
  if (!FILLED.includes(table)) return [`${mode} of ${table}: fill it in filled-tables.ts, or nothing is seen`];
  return read >= ROWS ? [`${mode} of ${table} while all its rows are read`] : [];
}
