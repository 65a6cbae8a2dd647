import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { isAlive, readPostmaster } from '../../src/database/embedded/postmaster-pid.js';
import { cleanUpProcesses, newDataDir, startNyxProcess } from '../support/process.js';

afterAll(cleanUpProcesses);

const start = (dataDir: string, usualPort = 0): Promise<EmbeddedPostgres> =>
  EmbeddedPostgres.start({ dataDir, usualPort });

async function ask<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ answer: T }>(sql)).rows[0]?.answer as T;
  } finally {
    await client.end();
  }
}

describe('embedded PostgreSQL', () => {
  it('is a PostgreSQL 18 that only this machine reaches, and keeps what it was told', async () => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    expect(await ask<string>(first.url, `SELECT current_setting('server_version') AS answer`)).toMatch(/^18/);
    expect(await ask<string>(first.url, `SELECT current_setting('listen_addresses') AS answer`)).toBe('127.0.0.1');
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42);
    await second.stop();
  }, 300_000);

  it('keeps its password for the owner only, and needs it', async () => {
    const dataDir = await newDataDir();
    const server = await start(dataDir);
    expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres', 'data'))).mode & 0o777).toBe(0o700);
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(ask(url.href, 'SELECT 1 AS answer')).rejects.toThrow(/password authentication failed/);
    await server.stop();
  }, 300_000);

  it('takes another port when the usual one is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => blocker.once('listening', done));
    const { port } = blocker.address() as AddressInfo;
    const server = await start(await newDataDir(), port);
    expect(server.port).not.toBe(port);
    expect(await ask(server.url, 'SELECT 1 AS answer')).toBe(1);
    await server.stop();
    blocker.close();
  }, 300_000);

  it('two that start on one empty folder at the same moment: one gets it, one is refused', async () => {
    const dataDir = await newDataDir();
    const outcomes = await Promise.allSettled([start(dataDir), start(dataDir)]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    const owners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(refused.map(({ reason }) => String(reason))).toEqual([
      expect.stringMatching(/^StartError: Another NYX .*data folder/),
    ]);
    expect(owners).toHaveLength(1);
    expect(await ask(owners[0]?.value.url ?? '', 'SELECT 1 AS answer')).toBe(1);
    expect((await readdir(dataDir)).filter((name) => name.includes('.new-'))).toEqual([]);
    await owners[0]?.value.stop();
  }, 300_000);

  it('that ends under a running NYX is started again on its port', async () => {
    const server = await start(await newDataDir());
    const { pid, port, url } = server;
    process.kill(pid, 'SIGINT');
    while (server.pid === pid) await sleep(50);
    expect(server.port).toBe(port);
    expect(await ask(url, 'SELECT 1 AS answer')).toBe(1);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  }, 300_000);

  it.each([
    ['of a process that is gone', '4194303'],
    ['of a process that is something else now', String(process.pid)],
    ['that a power failure left empty', ''],
  ])(
    'starts over a postmaster.pid %s',
    async (_name, content) => {
      const dataDir = await newDataDir();
      const first = await start(dataDir);
      const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
      const [, ...rest] = (await readFile(file, 'utf8')).split('\n');
      await first.stop();
      await writeFile(file, content === '' ? '' : [content, ...rest].join('\n'), { mode: 0o600 });
      const { uid, gid } = await stat(dirname(file));
      await chown(file, uid, gid);
      const second = await start(dataDir);
      expect(await ask(second.url, 'SELECT 1 AS answer')).toBe(1);
      await second.stop();
    },
    300_000,
  );

  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  asRoot(
    'runs for root in a home that no other account may enter',
    async () => {
      const home = join(await newDataDir(), 'home');
      await mkdir(home, { mode: 0o700 });
      const server = await start(join(home, '.nyx'));
      expect(await ask(server.url, 'SELECT 1 AS answer')).toBe(1);
      await server.stop();
      expect(isAlive(server.pid)).toBe(false);
    },
    300_000,
  );

  it('that outlived a killed NYX is adopted, with what was committed', async () => {
    const killed = await startNyxProcess({ env: { LOG_LEVEL: 'error' } });
    killed.kill('SIGKILL');
    await killed.exited;
    const left = await readPostmaster(join(killed.dataDir, 'postgres', 'data'));
    expect(left && isAlive(left.pid)).toBe(true);

    const next = await startNyxProcess({ dataDir: killed.dataDir });
    expect(next.stdout()).toContain('Adopted the embedded PostgreSQL');
    expect(next.stdout()).not.toContain('password');
    expect(await readPostmaster(join(killed.dataDir, 'postgres', 'data'))).toMatchObject({ pid: left?.pid });
    next.kill();
    expect(await next.exited).toEqual({ code: 0, signal: null });
    expect(left && isAlive(left.pid)).toBe(false);
  }, 300_000);
});
