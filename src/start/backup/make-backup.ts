import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { migrations } from '../../../migrations/index.js';
import { codeOf, isOfSystem } from '../../config/error-code.js';
import { StartError } from '../../config/start-error.js';
import { databaseFailure } from '../../database/database-failure.js';
import { END_OF_ROWS, type BackupEnd, type BackupHead } from './backup-format.rules.js';
import { othersThan, ownTables, sequencesOf, tablesInOrder, type OwnTables } from './backup-tables.js';

export interface MadeBackup {
  readonly tables: number;
  readonly rows: number;
  /** Tables and sequences of somebody else, which are not in it: no restore could take them. */
  readonly leftOut: readonly string[];
}

/**
 * Writes all that is NYX's of both schemas as it is at one moment, while others go on changing them. The file appears when it is whole and on the disk.
 * @throws StartError when there is a file of that name, the disk does not take it, or the database does not give it
 */
export async function makeBackup(url: string, file: string): Promise<MadeBackup> {
  const client = new pg.Client({ connectionString: url, application_name: 'nyx-backup', keepAlive: true });
  client.on('error', () => undefined);
  const partial = `${file}.${process.pid}.part`;
  try {
    await refuseExisting(file);
    await client.connect();
    await client.query('SET statement_timeout = 0');
    const own = await ownTables(url);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const made: Counted = { tables: 0, rows: 0, leftOut: [] };
    await pipeline(
      Readable.from(sections(client, own, made), { objectMode: false }),
      createGzip({ level: 6 }),
      createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }),
    );
    await rename(partial, file);
    await flush(dirname(file));
    return made;
  } catch (error) {
    throw asStartError(file, error);
  } finally {
    // Where none could be made, none can be removed.
    await rm(partial, { force: true }).catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}

type Counted = { -readonly [Member in keyof MadeBackup]: MadeBackup[Member] };

async function* sections(client: pg.Client, known: OwnTables, made: Counted): AsyncGenerator<Buffer | string> {
  const ran = await migrationsOf(client);
  // Of a newer release, to which this one was brought back: what is that one's is not known here, and must not be lost.
  const own = ran.every((name) => migrations.some((migration) => migration.name === name)) ? known : 'all';
  made.leftOut = await othersThan(client, own);
  yield `${JSON.stringify(await headOf(client, ran, own))}\n`;
  for (const table of await tablesInOrder(client, own)) {
    yield `${JSON.stringify(table)}\n`;
    const rows = client.query(copyTo(`COPY ${table.table} (${table.columns.join(', ')}) TO STDOUT`));
    for await (const chunk of rows) yield chunk as Buffer;
    yield END_OF_ROWS;
    made.tables += 1;
    made.rows += rows.rowCount;
  }
  const end: BackupEnd = { rows: made.rows };
  yield `${JSON.stringify(end)}\n`;
}

const exists = async (client: pg.Client, table: string): Promise<boolean> =>
  (await client.query<{ is: boolean }>('SELECT to_regclass($1) IS NOT NULL AS is', [table])).rows[0]?.is === true;

async function migrationsOf(client: pg.Client): Promise<string[]> {
  if (!(await exists(client, 'public.migrations'))) {
    throw new StartError('There is nothing to back up: NYX never started on this database.');
  }
  const { rows } = await client.query<{ name: string }>('SELECT name FROM public.migrations ORDER BY timestamp, id');
  return rows.map(({ name }) => name);
}

async function headOf(client: pg.Client, ran: readonly string[], own: OwnTables): Promise<BackupHead> {
  const version = (await exists(client, 'durable.dbos_migrations'))
    ? (await client.query<{ version: string }>('SELECT max(version) AS version FROM durable.dbos_migrations')).rows[0]
    : undefined;
  // Sequences are outside of snapshots: what they say now is no less than what is in the tables.
  const states: BackupHead['sequences'][number][] = [];
  for (const name of await sequencesOf(client, own)) {
    const { rows } = await client.query<{ last_value: string; is_called: boolean }>(
      `SELECT last_value, is_called FROM ${name}`,
    );
    if (rows[0]) states.push({ name, ...rows[0] });
  }
  return {
    nyx_backup: 1,
    made_at: new Date().toISOString(),
    migrations: ran,
    durable_version: version === undefined ? null : Number(version.version),
    sequences: states,
  };
}

async function refuseExisting(file: string): Promise<void> {
  const existing = await open(file, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (existing === undefined) return;
  await existing.close();
  throw new StartError(`The file ${file} exists already: name another one.`);
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'the file would become larger than is allowed',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
};

function asStartError(file: string, thrown: unknown): unknown {
  const error = databaseFailure(thrown, `The backup ${file} was not made`);
  if (!isOfSystem(error)) return error;
  const { code = '' } = error;
  return new StartError(`The backup ${file} cannot be written because ${REASONS[code] ?? `of ${code}`}.`, {
    cause: error,
  });
}
