import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { migrations } from '../../../migrations/index.js';
import { StartError } from '../../config/start-error.js';
import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { databaseFailure } from '../../database/database-failure.js';
import { migrateDatabase, withMigrationLock } from '../../database/migrate.js';
import { migrateDurableSchema } from '../../durable/durable-schema.js';
import { BackupReader } from './backup-file.js';
import { SCHEMAS, type BackupHead, type TableHead } from './backup-format.rules.js';
import { othersThan, ownTables, sequencesOf, tablesInOrder } from './backup-tables.js';

export interface RestoredBackup {
  readonly madeAt: string;
  readonly tables: number;
  readonly rows: number;
}

/**
 * Fills a database that nobody used yet with a backup, in one transaction: all of it or nothing, and after a failure again. The schema is that of
 * the backup; a newer release migrates it when it starts.
 * @throws StartError
 */
export async function restoreBackup(url: string, file: string): Promise<RestoredBackup> {
  const reader = new BackupReader(file);
  const client = new pg.Client({ connectionString: url, application_name: 'nyx-restore', keepAlive: true });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const head = await reader.head();
    await refuseOthers(client, await ownTables(url));
    await refuseUsed(client);
    await refuseOtherSchema(client, head);
    await migrateDatabase(url, head.migrations);
    if (head.durable_version !== null) await migrateDurableSchema(url);
    await refuseOtherDurable(client, head);
    // A NYX that starts meanwhile waits for these locks.
    return await withMigrationLock(url, ADVISORY_LOCKS.migrations, () =>
      withMigrationLock(url, ADVISORY_LOCKS.durableMigrations, () => load(client, reader, head, file)),
    );
  } catch (error) {
    throw databaseFailure(error, `The backup ${file} was not restored`);
  } finally {
    reader.close();
    await client.end().catch(() => undefined);
  }
}

async function load(client: pg.Client, reader: BackupReader, head: BackupHead, file: string): Promise<RestoredBackup> {
  await client.query('SET statement_timeout = 0');
  await client.query('BEGIN');
  await refuseUsed(client);
  const heads = await tablesInOrder(client, 'all');
  const all = heads.map(({ table }) => table);
  // The audit log refuses to be written as it was, and the durable engine would announce every row.
  for (const table of all) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  await client.query(`TRUNCATE ${all.join(', ')}`);
  let [tables, rows] = [0, 0];
  for (;;) {
    const next = await reader.next();
    if (!('table' in next)) {
      if (next.rows !== rows) throw new StartError(`The file ${file} is no whole backup of NYX: rows are missing.`);
      break;
    }
    refuseOtherColumns(next, heads, file);
    const copy = client.query(copyFrom(`COPY ${next.table} (${next.columns.join(', ')}) FROM STDIN`));
    await pipeline(Readable.from(reader.rows()), copy);
    tables += 1;
    rows += copy.rowCount;
  }
  const known = await sequencesOf(client, 'all');
  for (const { name, last_value, is_called } of head.sequences) {
    if (!known.includes(name)) throw new StartError(`The file ${file} has a sequence that NYX does not have: ${name}.`);
    await client.query('SELECT setval($1::regclass, $2::bigint, $3)', [name, last_value, is_called]);
  }
  for (const table of all) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  await client.query('COMMIT');
  // All is restored by now; without it PostgreSQL does so by itself, a little later.
  await client.query('ANALYZE').catch(() => undefined);
  return { madeAt: head.made_at, tables, rows };
}

/** Their rows would go with those that a restore replaces. */
async function refuseOthers(client: pg.Client, own: readonly string[]): Promise<void> {
  const tables = await tablesOf(client);
  if (tables.length === 0) return;
  if (!tables.includes('public.migrations') || (await othersThan(client, own)).length > 0)
    throw new StartError('The database holds tables of something else: restore into an empty one.');
}

/** One with a schema and no user is what a restore that did not end leaves. */
async function refuseUsed(client: pg.Client): Promise<void> {
  const tables = await tablesOf(client);
  const { rows: sessions } = await client.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'nyx:%' AND application_name <> 'nyx:migrate'`,
  );
  if (sessions.length > 0)
    throw new StartError('A NYX runs on this database: stop it, and restore into an empty database.');
  if (!tables.includes('public.users')) return;
  const { rows } = await client.query<{ used: boolean }>(
    'SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM workflows) OR EXISTS (SELECT FROM executors) AS used',
  );
  if (rows[0]?.used === true) throw new StartError('The database is in use already: restore into an empty one.');
}

async function refuseOtherSchema(client: pg.Client, head: BackupHead): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = head.migrations.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new StartError(
      `The backup was made by a newer NYX (it has the migration ${unknown}): restore it with that release.`,
    );
  }
  if (!(await tablesOf(client)).includes('public.migrations')) return;
  const { rows } = await client.query<{ name: string }>('SELECT name FROM public.migrations');
  const newer = rows.find(({ name }) => !head.migrations.includes(name));
  if (newer !== undefined) {
    throw new StartError(
      `The database has a newer schema than the backup (${newer.name}): restore into an empty database.`,
    );
  }
}

async function refuseOtherDurable(client: pg.Client, head: BackupHead): Promise<void> {
  if (head.durable_version === null) return;
  const { rows } = await client.query<{ version: number }>(
    'SELECT max(version)::float8 AS version FROM durable.dbos_migrations',
  );
  if (rows[0]?.version !== head.durable_version) {
    throw new StartError(
      `The durable schema of the backup has version ${head.durable_version}, and this release makes ${rows[0]?.version ?? 'none'}: restore it with the release that made it, then upgrade.`,
    );
  }
}

/** Both have the same schema: a column that the file lacks would become empty. */
function refuseOtherColumns({ table, columns }: TableHead, heads: readonly TableHead[], file: string): void {
  const ours = heads.find((head) => head.table === table);
  if (ours === undefined) throw new StartError(`The file ${file} has a table that NYX does not have: ${table}.`);
  const unknown = columns.find((name) => !ours.columns.includes(name));
  if (unknown !== undefined)
    throw new StartError(`The file ${file} has a column that NYX does not have: ${table}.${unknown}.`);
  const missing = ours.columns.find((name) => !columns.includes(name));
  if (missing !== undefined) throw new StartError(`The file ${file} has no column ${table}.${missing}.`);
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = ANY($1) ORDER BY 1`,
    [SCHEMAS],
  );
  return rows.map(({ name }) => name);
}
