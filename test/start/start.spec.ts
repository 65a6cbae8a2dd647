import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { isAlive, readPostmaster } from '../../src/database/embedded/postmaster-pid.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { createTestDatabase } from '../support/database.js';
import { describeWithProgram } from '../support/needed-program.js';
import { cleanUpProcesses, newDataDir, spawnNyx, startNyxProcess, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { doctor } from './doctor-process.js';
import { startFakePostgres } from './fake-postgres.js';
import { refusal } from './refusal.js';

afterAll(cleanUpProcesses);

const ROOT = resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);
const postgresOf = async (nyx: NyxProcess): Promise<number> =>
  (await readPostmaster(join(nyx.dataDir, 'postgres', 'data')))?.pid ?? -1;

describe('NYX started', () => {
  let first: NyxProcess;

  beforeAll(async () => {
    first = await startNyxProcess();
  }, 300_000);

  it('says where it listens, how to sign in, and that it is offline', async () => {
    expect(first.stdout()).toMatch(/^NYX listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(first.stdout()).toMatch(/^ {2}name {6}admin\n {2}password {2}[\w-]{24}$/m);
    expect(first.stdout()).toContain('offline provider');
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  it('gives one curl that runs a workflow', async () => {
    const curl = /^curl .*$/m.exec(first.stdout())?.[0] ?? '';
    const { stdout } = await execute('/bin/sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ success: true });
  });

  it('refuses a second NYX on the same folder', async () => {
    const sentence = await refusal({ dataDir: first.dataDir });
    expect(sentence).toMatch(new RegExp(`^Another NYX \\(process ${first.pid}\\) already runs on the data folder`));
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  }, 300_000);

  it('refuses a port that is taken, and leaves no database behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => blocker.once('listening', done));
    const { port } = blocker.address() as AddressInfo;
    const dataDir = await newDataDir();
    expect(await refusal({ dataDir, env: { PORT: String(port) } })).toMatch(
      /^PORT: another program already listens on 127\.0\.0\.1:/,
    );
    expect(await readPostmaster(join(dataDir, 'postgres', 'data'))).toBeUndefined();
    blocker.close();

    // The admin of a start that failed would have a password nobody was told.
    const next = await startNyxProcess({ dataDir });
    expect(next.stdout()).toMatch(/password {2}[\w-]{24}/);
    next.kill();
    await next.exited;
  }, 300_000);

  it.each(['HOST', 'API_HOST'])(
    'refuses an address that is not of this machine, by the name it has: %s',
    async (name) => {
      expect(await refusal({ env: { [name]: '203.0.113.7' } })).toBe(
        `${name}: 203.0.113.7 is not an address of this machine: set ${name} to one that is, such as 127.0.0.1.\n`,
      );
    },
    300_000,
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'stops in order on %s and leaves no process',
    async (signal) => {
      const nyx = await startNyxProcess({ dataDir: first.dataDir === '' ? undefined : await newDataDir() });
      const postgres = await postgresOf(nyx);
      expect(isAlive(postgres)).toBe(true);
      nyx.kill(signal);
      expect(await nyx.exited).toEqual({ code: 0, signal: null });
      expect(isAlive(postgres)).toBe(false);
    },
    300_000,
  );

  it('starts a second time without a new admin', async () => {
    const postgres = await postgresOf(first);
    first.kill('SIGTERM');
    expect((await first.exited).code).toBe(0);
    expect(isAlive(postgres)).toBe(false);
    const second = await startNyxProcess({ dataDir: first.dataDir });
    expect(second.stdout()).not.toContain('first start');
    second.kill();
    await second.exited;
  }, 300_000);

  it('stops in order when the signal comes while it starts', async () => {
    const nyx = await spawnNyx();
    while (!nyx.stdout().includes('Started the embedded')) await new Promise((done) => setTimeout(done, 10));
    nyx.kill('SIGTERM');
    expect((await nyx.exited).code).toBe(0);
    expect(await readPostmaster(join(nyx.dataDir, 'postgres', 'data'))).toBeUndefined();
  }, 300_000);

  it('serves from a database outside, and leaves it running', async () => {
    const database = await createTestDatabase({ empty: true });
    const nyx = await startNyxProcess({
      env: { DATABASE_URL: database.url.replace('postgresql:', 'postgresql+asyncpg:') },
    });
    expect((await fetch(`${nyx.url}/readyz`)).status).toBe(200);
    expect(await postgresOf(nyx)).toBe(-1);
    nyx.kill();
    expect((await nyx.exited).code).toBe(0);
    await database.drop();
  }, 300_000);
});

describe('NYX refuses to start, in one sentence', () => {
  // Every variable is tried in test/config/wrong-variables.spec.ts, by the function that is called here; of each kind one is tried as a process.
  it.each([
    ['PORT', { PORT: 'eighty' }],
    ['JWT_SECRET', { NODE_ENV: 'production' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/nyx' }],
    ['HOST', { HOST: 'fe80::1' }],
    ['LLM_PRICES', { LLM_PRICES: '{' }],
    ['NYX_MCP_CONFIG', { NYX_MCP_CONFIG: '/nowhere/mcp.json' }],
    ['ANTHROPIC_API_KEY_FILE', { ANTHROPIC_API_KEY_FILE: '/nowhere/secret' }],
    ['NYX_ARCHIVE_DIR', { NYX_ARCHIVE_DIR: process.execPath }],
  ])(
    'that names %s',
    async (name, env) => {
      expect(await refusal({ env })).toContain(name);
    },
    300_000,
  );

  it('when the data folder is a file', async () => {
    const file = join(await newDataDir(), 'file');
    await writeFile(file, '');
    expect(await refusal({ dataDir: file })).toContain('NYX_DATA_DIR');
  }, 300_000);

  it('when the model of all calls is none, before anything is made', async () => {
    const dataDir = await newDataDir();
    const env = { LLM_DEFAULT_MODEL: 'claude-typo-9' };
    const sentence = 'LLM_DEFAULT_MODEL must be a known model with a price, and claude-typo-9 is not known here.';
    expect(await refusal({ dataDir, env })).toBe(`${sentence}\n`);
    expect(await readdir(dataDir)).toEqual(['jwt-secret']);
    const { code, findings } = await doctor(dataDir, env);
    expect([code, findings.configuration]).toEqual([1, `WRONG: ${sentence}`]);
  }, 300_000);

  it('when there is no room for the database, and starts there when there is', async () => {
    const dataDir = await newDataDir();
    const { PATH, HOME } = process.env;
    const attempt = execute(
      'sh',
      ['-c', 'ulimit -f 2000; exec "$0" "$1"', process.execPath, join(ROOT, 'dist/programs/main.js')],
      {
        env: { PATH, HOME, PORT: '0', NYX_DATA_DIR: dataDir },
      },
    );
    await expect(attempt).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The embedded PostgreSQL could not be made in [^\n]+: [^\n]*File too large\.\n$/,
      ) as string,
    });
    expect(await readdir(dataDir)).toEqual(['jwt-secret']);
    const nyx = await startNyxProcess({ dataDir });
    nyx.kill();
    expect((await nyx.exited).code).toBe(0);
  }, 300_000);

  it('when the password of the database is wrong, without telling it', async () => {
    const database = await createTestDatabase({ empty: true });
    const url = new URL(database.url);
    url.password = 'not-the-password';
    const sentence = await refusal({ env: { DATABASE_URL: url.href } });
    expect(sentence).toMatch(/^DATABASE_URL: NYX cannot connect to .*: password authentication failed/);
    expect(sentence).not.toContain('not-the-password');
    await database.drop();
  }, 300_000);

  it('but by a signal while it waits for its database it ends as it was asked to', async () => {
    const nyx = await spawnNyx({ env: { DATABASE_URL: 'postgresql://nyx@127.0.0.1:1/nyx' } });
    await until('it waits', () => nyx.stdout().includes('does not answer yet'));
    nyx.kill('SIGTERM');
    expect((await nyx.exited).code).toBe(0);
    expect(nyx.stderr()).toBe('');
  }, 300_000);

  it('when one schema cannot be migrated, also while it waits for the other', async () => {
    const database = await createTestDatabase({ empty: true });
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    await sql.query('CREATE TABLE migrations (of_somebody_else text)');
    await sql.query(`SELECT pg_advisory_lock(${ADVISORY_LOCKS.durableMigrations})`);
    const sentence = await refusal({ env: { DATABASE_URL: database.url } });
    expect(sentence).toMatch(/^The database could not be migrated: column "\w+" does not exist\.$/m);
    await sql.end();
    await database.drop();
  }, 300_000);

  it('when the database goes away while it starts', async () => {
    const database = await createTestDatabase();
    const relay = await DatabaseRelay.before(database.url);
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    await sql.query('BEGIN');
    await sql.query('LOCK TABLE executors IN ACCESS EXCLUSIVE MODE');
    const sentence = refusal({ env: { DATABASE_URL: relay.url } });
    const isHalfStarted = async (): Promise<boolean> => {
      const waiting = `SELECT 1 FROM pg_locks WHERE relation = 'executors'::regclass AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      return (await sql.query(waiting)).rowCount === 1;
    };
    await until('it is half started', isHalfStarted, 120_000);
    relay.cut();
    expect(await sentence).toMatch(
      /^The database failed while NYX was starting \(.*\): mend that, and start it again\.$/m,
    );
    await relay.close();
    await sql.end();
    await database.drop();
  }, 300_000);

  it('when the database is too old', async () => {
    const old = await startFakePostgres(() => ({ number: '140011', version: '14.11', standby: 'f' }));
    expect(await refusal({ env: { DATABASE_URL: old.url } })).toMatch(/ is PostgreSQL 14\.11, .* 15 or newer\.$/m);
    old.close();
  }, 300_000);

  it('when the data folder cannot be written', async () => {
    expect(await refusal({ dataDir: '/sys/nyx' })).toContain('NYX_DATA_DIR');
  }, 300_000);
});

describeWithProgram('bwrap', 'NYX without the rights of root', () => {
  it('refuses a port that is not for everybody', async () => {
    const database = await createTestDatabase();
    const within = ['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--uid', '1000', '--gid', '1000', '--'];
    expect(await refusal({ env: { DATABASE_URL: database.url, PORT: '80' }, within })).toBe(
      'PORT: this account may not listen on 127.0.0.1:80: set PORT to 1024 or more.\n',
    );
    await database.drop();
  }, 300_000);
});
