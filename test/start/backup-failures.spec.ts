import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { StartError } from '../../src/config/start-error.js';
import { databaseFailure } from '../../src/database/database-failure.js';
import { checkDatabaseServer } from '../../src/database/database-server.js';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { restoreArchive } from '../../src/start/backup/restore-archive.js';
import { restoreBackup } from '../../src/start/backup/restore-backup.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { until } from '../support/until.js';

const WORKFLOW = { id: '01a20711-7a6b-76cc-a68b-f60de1cfda3b' };
const ARCHIVE = [{ nyx_archive: 1, made_at: '2026-11-23' }, { table: 'workflows', row: WORKFLOW }, { rows: 1 }];

let folder: string;
let file: string;
let archive: string;
let full: TestDatabase;
let empty: TestDatabase;
let sql: pg.Client;

beforeAll(async () => {
  folder = await newDataDir();
  [file, archive] = [join(folder, 'whole'), join(folder, 'archive')];
  [full, empty] = [await createTestDatabase(), await createTestDatabase({ empty: true })];
  await makeBackup(full.url, file);
  await writeFile(archive, gzipSync(ARCHIVE.map((line) => `${JSON.stringify(line)}\n`).join('')));
  sql = new pg.Client({ connectionString: full.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await full.drop();
  await empty.drop();
  await cleanUpProcesses();
});

/** One sentence; a file is there only where one was made. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => 'it was done',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartError);
  expect((await readdir(folder)).sort()).toEqual(['archive', 'whole']);
  expect((error as StartError).message).toMatch(/^[^\n]+[^.]\.$/);
  return (error as StartError).message;
}

const withSetting = (url: string, setting: string): string => `${url}?options=${encodeURIComponent(`-c ${setting}`)}`;
const asAnybody = (url: string): string => withSetting(url, 'role=pg_monitor');
const readOnly = (url: string): string => withSetting(url, 'default_transaction_read_only=on');

describe('a role that may not', () => {
  const advice = ': let DATABASE_URL name a role that may.';

  it('back up is told so', async () => {
    const part = join(folder, 'part');
    const sentence = await refusal(makeBackup(asAnybody(full.url), part));
    expect(sentence).toBe(
      `The backup ${part} was not made, for the database answered: permission denied for table migrations${advice}`,
    );
  });

  it('restore is told so', async () => {
    expect(await refusal(restoreBackup(asAnybody(empty.url), file))).toBe(
      `The backup ${file} was not restored, for the database answered: permission denied for schema public${advice}`,
    );
    expect(await refusal(restoreArchive(asAnybody(full.url), archive))).toBe(
      `The archive ${archive} was not put back, for the database answered: permission denied for table workflows${advice}`,
    );
  });
});

it('a database that only can be read takes no backup', async () => {
  const why =
    /^The [^\n]+, for the database answered: cannot execute [A-Z ]+ in a read-only transaction: let DATABASE_URL name one that can be written\.$/;
  expect(await refusal(restoreBackup(readOnly(empty.url), file))).toMatch(why);
  expect(await refusal(restoreArchive(readOnly(full.url), archive))).toMatch(why);
});

it('a disk of the database that becomes full takes none, and the next try is as the first', async () => {
  const database = await createTestDatabase();
  const there = new pg.Client({ connectionString: database.url });
  await there.connect();
  // What PostgreSQL throws where it cannot extend a file.
  await there.query(`CREATE FUNCTION fills() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file "base/5/1": No space left on device' USING ERRCODE = 'disk_full'; END $$`);
  await there.query('ALTER TABLE migrations ADD CONSTRAINT no_room CHECK (fills()) NOT VALID');
  const sentence = `The backup ${file} was not restored, for the database answered: could not extend file "base/5/1": No space left on device: make room on its disk, and try again.`;
  expect(await refusal(restoreBackup(database.url, file))).toBe(sentence);
  await there.query('ALTER TABLE migrations DROP CONSTRAINT no_room');
  await there.end();
  await expect(restoreBackup(database.url, file)).resolves.toMatchObject({ madeAt: expect.any(String) as string });
  await database.drop();
});

describe('a database that goes away', () => {
  /** Where somebody holds the last table that is looked at. */
  const cutAt = async (
    target: TestDatabase,
    table: string,
    work: (url: string) => Promise<unknown>,
  ): Promise<string> => {
    const relay = await DatabaseRelay.before(target.url);
    const holder = new pg.Client({ connectionString: target.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    const sentence = refusal(work(relay.url));
    const waits = `SELECT 1 FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
    await until('it waits', async () => (await holder.query(waits)).rowCount === 1);
    relay.cut();
    const said = await sentence;
    await holder.end();
    await relay.close();
    return said;
  };
  const why = /^The [^\n]+, for the database went away \([^\n]+\): try again when it answers\.$/;

  it('in the middle of a backup leaves no file', async () => {
    expect(await cutAt(full, 'workflows', (url) => makeBackup(url, join(folder, 'part')))).toMatch(why);
  });

  it('in the middle of a restore leaves what was there', async () => {
    const database = await createTestDatabase();
    expect(await cutAt(database, 'workflow_events', (url) => restoreBackup(url, file))).toMatch(why);
    await expect(restoreBackup(database.url, file)).resolves.toMatchObject({ madeAt: expect.any(String) as string });
    await database.drop();
    expect(await cutAt(full, 'workflows', (url) => restoreArchive(url, archive))).toMatch(why);
  });

  it('and of which the sentence is made already gets no second one', async () => {
    const refused = await checkDatabaseServer('postgresql://nyx:hidden@127.0.0.1:1/nyx', 0).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(StartError);
    expect(databaseFailure(refused, 'Nothing was done')).toBe(refused);
  });

  it('before anything begins is told likewise', async () => {
    const nowhere = 'postgresql://nyx:hidden@127.0.0.1:1/nyx';
    for (const attempt of [makeBackup(nowhere, join(folder, 'part')), restoreBackup(nowhere, file)])
      expect(await refusal(attempt)).toMatch(why);
    expect(await refusal(restoreArchive(nowhere, archive))).toMatch(why);
  });
});

describe('a place that is none', () => {
  const path = '/etc/passwd/file';
  const long = `/tmp/${'a'.repeat(300)}`;

  it('for a backup is told, and the connection is given back', async () => {
    expect(await refusal(makeBackup(full.url, path))).toBe(
      `The backup ${path} cannot be written because a part of its path is a file.`,
    );
    expect(await refusal(makeBackup(full.url, long))).toContain('cannot be written because its name is too long.');
    const left = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nyx-backup'`;
    await until('none is left', async () => (await sql.query(left)).rowCount === 0);
    expect((await stat('/etc/passwd')).isFile()).toBe(true);
  });

  it('of a backup or an archive is told', async () => {
    expect(await refusal(restoreBackup(empty.url, path))).toBe(`The file ${path} cannot be read (ENOTDIR).`);
    expect(await refusal(restoreArchive(full.url, path))).toBe(`The file ${path} cannot be read (ENOTDIR).`);
    expect(await refusal(restoreArchive(full.url, long))).toBe(`The file ${long} cannot be read (ENAMETOOLONG).`);
  });
});
