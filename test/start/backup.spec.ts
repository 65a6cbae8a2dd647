import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { restoreBackup } from '../../src/start/backup/restore-backup.js';
import { createTestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { beginWork, contents, endWork, NyxThere, ROOT, run } from './backup-room.js';

let model: ModelServer;
let folder: string;
let file: string;
beforeAll(async () => {
  model = await startModelServer();
  folder = await newDataDir();
  file = join(folder, 'nyx.backup.gz');
});
afterAll(async () => {
  await model.close();
  await cleanUpProcesses();
});

async function runningUrl(dataDir: string): Promise<string> {
  const url = await EmbeddedPostgres.runningOn(dataDir);
  if (url === 'none' || url === 'stopped') throw new Error(`No database runs in ${dataDir}.`);
  return url;
}

it('what is backed up while NYX runs is restored elsewhere row by row, and what waited goes on there', async () => {
  const here = { dataDir: await newDataDir() };
  const first = await NyxThere.start(here, model);
  const url = await runningUrl(here.dataDir);
  const work = await beginWork(first, url, model);

  const backup = await run('backup', here, file);
  expect(backup).toEqual({ code: 0, said: expect.stringContaining(`Wrote ${file}`) as string });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const before = await contents(url);
  await expect(restoreBackup(url, file)).rejects.toThrow(/^A NYX runs on this database: stop it/);
  await first.kill();

  const elsewhere = { dataDir: await newDataDir() };
  const restored = await run('restore', elsewhere, file);
  expect(restored).toEqual({ code: 0, said: expect.stringContaining('What ran then goes on') as string });
  const server = await EmbeddedPostgres.start({ dataDir: elsewhere.dataDir, usualPort: 0 });
  expect(await contents(server.url)).toEqual(before);
  await expect(restoreBackup(server.url, file)).rejects.toThrow('in use already: restore into an empty one.');
  await server.stop();

  const second = await NyxThere.start(elsewhere, model);
  await endWork(second, work, model);
  const verified = await run('audit-verify', elsewhere);
  expect(verified).toEqual({ code: 0, said: expect.stringContaining('are as they were written') as string });
  const examined = await run('doctor', elsewhere);
  expect(examined.said).toMatch(/^ok {4}replicas +1 run, and 0 workflows/m);
  expect(examined).toEqual({ code: 0, said: expect.stringContaining('NYX can work here.') as string });
  await second.kill();
}, 600_000);

describe('a restore', () => {
  const into = async (source: string, prepare?: string): Promise<string> => {
    const database = await createTestDatabase({ empty: true });
    try {
      if (prepare !== undefined) {
        const client = new pg.Client({ connectionString: database.url });
        await client.connect();
        await client.query(prepare);
        await client.end();
      }
      await restoreBackup(database.url, source);
      return 'restored';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await database.drop();
    }
  };

  it('refuses a database of something else', async () => {
    expect(await into(file, 'CREATE TABLE theirs (id int)')).toBe(
      'The database holds tables of something else: restore into an empty one.',
    );
  });

  it('refuses what is no backup, and one that is missing', async () => {
    const other = join(folder, 'other');
    await writeFile(other, 'hello');
    expect(await into(other)).toMatch(/is no whole backup of NYX/);
    await writeFile(other, gzipSync('{"hello":1}\n'));
    expect(await into(other)).toMatch(/is no backup of NYX\.$/);
    expect(await into(join(folder, 'nothing'))).toMatch(/cannot be read \(ENOENT\)/);
  });

  it('refuses one of a newer release', async () => {
    const newer = join(folder, 'newer');
    const [head, ...rest] = gunzipSync(await readFile(file))
      .toString()
      .split('\n');
    const changed = JSON.parse(head ?? '') as { migrations: string[] };
    changed.migrations.push('FlyingCars2100000000000');
    await writeFile(newer, gzipSync([JSON.stringify(changed), ...rest].join('\n')));
    expect(await into(newer)).toMatch(/made by a newer NYX .*FlyingCars/);
  });

  it('of one that was cut off changes nothing, and the whole one can be restored afterwards', async () => {
    const cut = join(folder, 'cut');
    await copyFile(file, cut);
    await truncate(cut, (await stat(cut)).size - 200);
    const database = await createTestDatabase({ empty: true });
    await expect(restoreBackup(database.url, cut)).rejects.toThrow('is no whole backup');
    expect((await contents(database.url))['public.users'] ?? []).toEqual([]);
    await expect(restoreBackup(database.url, file)).resolves.toMatchObject({ rows: expect.any(Number) as number });
    expect((await contents(database.url))['public.users']).toHaveLength(1);

    // What was restored is backed up to the same again.
    const again = join(folder, 'again');
    await makeBackup(database.url, again);
    const lines = async (name: string): Promise<string[]> =>
      gunzipSync(await readFile(name))
        .toString()
        .split('\n')
        .slice(1);
    expect(await lines(again)).toEqual(await lines(file));
    await database.drop();
  });
});

describe('a backup', () => {
  it('does not overwrite, and says why it cannot be written', async () => {
    const database = await createTestDatabase();
    await expect(makeBackup(database.url, file)).rejects.toThrow('exists already');
    await expect(makeBackup(database.url, '/proc/nyx.backup')).rejects.toThrow(
      /^The backup .* cannot be written because/,
    );
    await expect(makeBackup(database.url, join(folder, 'no/such'))).rejects.toThrow('its folder does not exist');
    await database.drop();
  });

  it('that the disk has no room for is one sentence, and leaves nothing', async () => {
    const database = await createTestDatabase();
    const full = join(folder, 'full');
    const attempt = promisify(execFile)(
      'sh',
      ['-c', 'ulimit -f 1; exec "$0" "$1" "$2"', process.execPath, join(ROOT, 'dist/programs/backup.js'), full],
      { cwd: folder, env: { PATH: process.env.PATH, DATABASE_URL: database.url, NYX_DATA_DIR: folder } },
    );
    await expect(attempt).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The backup [^\n]+ cannot be written because the file would become larger[^\n]+\.\n$/,
      ) as string,
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('full'))).toEqual([]);
    await database.drop();
  });

  it('of a folder without a database makes none', async () => {
    const { code, said } = await run('backup', { dataDir: await newDataDir() });
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/^There is no database in [^\n]+\.\n$/) as string,
    });
  });
});
