import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { restoreBackup } from '../../src/start/backup/restore-backup.js';
import { createTestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { cleanUpProcesses, newDataDir, startNyxProcess, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

const PASSWORD = 'the admin of this test';
const ROOT = resolve(import.meta.dirname, '../..');

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

const start = (dataDir: string): Promise<NyxProcess> =>
  startNyxProcess({
    dataDir,
    env: {
      ANTHROPIC_API_KEY: 'a-key-of-the-test',
      ANTHROPIC_BASE_URL: model.url,
      NYX_ADMIN_PASSWORD: PASSWORD,
      JWT_SECRET: 'one secret for both places of this test',
      LOG_LEVEL: 'warn',
    },
  });

async function run(command: string, dataDir: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NYX_DATA_DIR: dataDir };
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, `dist/programs/${command}.js`), ...args],
      {
        cwd: folder,
        env,
      },
    );
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

class Client {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async signIn({ url }: NyxProcess): Promise<Client> {
    const answer = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    return new Client(url, ((await answer.json()) as { access_token: string }).access_token);
  }

  async send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async accept(prompt: string, context: object = {}): Promise<string> {
    const body = { input_type: 'user_prompt', content: { prompt }, execution_context: context };
    const { workflow_id: id } = await this.send<{ workflow_id: string }>(
      'POST',
      '/orchestrator/workflows/execute',
      body,
      { prefer: 'respond-async' },
    );
    return id;
  }

  async status(id: string): Promise<string> {
    return (await this.send<{ status: string }>('GET', `/orchestrator/workflows/${id}/status`)).status;
  }
}

/** Every row as text, by table; without what beats while nobody does anything. */
async function contents(url: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname IN ('public', 'durable') AND tablename NOT IN ('executors', 'rate_buckets') ORDER BY 1`,
    );
    const all: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t ORDER BY 1`);
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  } finally {
    await client.end();
  }
}

async function runningUrl(dataDir: string): Promise<string> {
  const url = await EmbeddedPostgres.runningOn(dataDir);
  if (url === 'none' || url === 'stopped') throw new Error(`No database runs in ${dataDir}.`);
  return url;
}

it('what is backed up while NYX runs is restored elsewhere row by row, and what waited goes on there', async () => {
  const first = await start(await newDataDir());
  const client = await Client.signIn(first);
  const done = await client.accept('Say hello.\tAnd \\. on a line:\n\\.\nand on.');
  await until('the first ended', async () => (await client.status(done)) === 'completed');
  model.script({ match: { schema: true }, hold: 'plan' });
  const asked = model.requests.length;
  const waiting = await client.accept('[[subtasks:2]]', { execution_preferences: { strategy: 'parallel_execution' } });
  await until('it plans', () => model.requests.length > asked);
  await client.send('POST', `/orchestrator/workflows/${waiting}/pause`);
  model.release('plan');
  const url = await runningUrl(first.dataDir);
  const original = new pg.Client({ connectionString: url });
  await original.connect();
  await until('its branches wait', async () => {
    const { rows } = await original.query(
      `SELECT 1 FROM durable.workflow_status WHERE parent_workflow_id = $1 AND status = 'PENDING'`,
      [waiting],
    );
    return rows.length === 2;
  });
  const queued = 'SELECT FROM llm_usage_queue UNION ALL SELECT FROM status_changes';
  await until(
    'every call and every status is in the totals',
    async () => (await original.query(queued)).rowCount === 0,
    60_000,
  );
  await original.end();

  const backup = await run('backup', first.dataDir, file);
  expect(backup).toEqual({ code: 0, said: expect.stringContaining(`Wrote ${file}`) as string });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const before = await contents(url);
  await expect(restoreBackup(url, file)).rejects.toThrow(/^A NYX runs on this database: stop it/);
  first.kill();
  await first.exited;

  const elsewhere = await newDataDir();
  const restored = await run('restore', elsewhere, file);
  expect(restored).toEqual({ code: 0, said: expect.stringContaining('What ran then goes on') as string });
  const server = await EmbeddedPostgres.start({ dataDir: elsewhere, usualPort: 0 });
  expect(await contents(server.url)).toEqual(before);
  await expect(restoreBackup(server.url, file)).rejects.toThrow('in use already: restore into an empty one.');
  await server.stop();

  const second = await start(elsewhere);
  const there = await Client.signIn(second);
  expect(await there.status(done)).toBe('completed');
  await there.send('POST', `/orchestrator/workflows/${waiting}/resume`);
  await until('the one that waited ended', async () => (await there.status(waiting)) === 'completed', 40_000);
  // Beside the plan, which was paid for before the backup: two parts and a synthesis.
  expect(model.requests.length - asked).toBe(4);
  const verified = await run('audit-verify', elsewhere);
  expect(verified).toEqual({ code: 0, said: expect.stringContaining('are as they were written') as string });
  const examined = await run('doctor', elsewhere);
  expect(examined.said).toMatch(/^ok {4}replicas +1 run, and 0 workflows/m);
  expect(examined).toEqual({ code: 0, said: expect.stringContaining('NYX can work here.') as string });
  second.kill();
  await second.exited;
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
    const { code, said } = await run('backup', await newDataDir());
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/^There is no database in [^\n]+\.\n$/) as string,
    });
  });
});
