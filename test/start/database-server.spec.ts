import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { StartError } from '../../src/config/start-error.js';
import { checkDatabaseServer } from '../../src/database/database-server.js';
import { migrateDatabase, revertLastMigration } from '../../src/database/migrate.js';
import { migrations } from '../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { startFakePostgres } from './fake-postgres.js';

const VERSION = { number: '180004', version: '18.4', standby: 'f', encoding: 'UTF8' };

describe('a database from outside', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
  });
  afterAll(() => database.drop());

  it('is taken when it is a real one', async () => {
    await expect(checkDatabaseServer(database.url)).resolves.toBeUndefined();
  });

  it('that is not there is refused without telling the password', async () => {
    const attempt = checkDatabaseServer('postgresql://nyx:hidden@127.0.0.1:1/nyx', 0);
    await expect(attempt).rejects.toThrow(
      /^DATABASE_URL: NYX cannot connect to 127\.0\.0\.1:1\/nyx: .*ECONNREFUSED[^\n]*\.$/,
    );
    await expect(attempt).rejects.not.toThrow(/hidden/);
  });

  it('that does not answer yet is told of once, and waited for until that is given up', async () => {
    const [lines, given] = [[] as string[], new AbortController()];
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (line: string) => lines.push(line) });
    const attempt = checkDatabaseServer('postgresql://nyx:hidden@127.0.0.1:1/nyx', 600_000, given.signal);
    await until('it is told of', () => lines.length > 0);
    await setTimeout(600);
    given.abort();
    await expect(attempt).rejects.toBe(given.signal.reason);
    Logger.overrideLogger(false);
    expect(lines).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:1\/nyx does not answer yet \(.*ECONNREFUSED.*\); NYX waits up to 600 s\.$/),
    ]);
  });

  it.each([
    ['whose name nobody knows', 'nowhere.invalid:5432/nyx', /ENOTFOUND|EAI_AGAIN/],
    ['whose escapes are wrong', '127.0.0.1:1/nyx%E4', /URI malformed/],
    ['whose certificate is a folder', '127.0.0.1:1/nyx?sslrootcert=/', /EISDIR/],
    ['without the CA that it asks for', '127.0.0.1:1/nyx?uselibpqcompat=true&sslmode=verify-ca', /sslrootcert/],
  ])('%s is refused in one sentence', async (_name, where, reason) => {
    const attempt = checkDatabaseServer(`postgresql://nyx:hidden@${where}`, 0);
    await expect(attempt).rejects.toThrow(StartError);
    await expect(attempt).rejects.toThrow(/^DATABASE_URL: NYX cannot connect to [^\n]*[^.]\.$/);
    await expect(attempt).rejects.toThrow(reason);
    await expect(attempt).rejects.not.toThrow(/hidden/);
  });

  it.each([
    ['says nothing', () => undefined, /timeout/],
    ['speaks another protocol', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /./],
    [
      'has no TLS',
      (socket: Socket) => socket.once('data', () => socket.write('N')),
      /does not support SSL/,
      '?ssl=true',
    ],
  ])('that %s is refused in one sentence', async (_name, answer, reason, parameters = '') => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      answer(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const attempt = checkDatabaseServer(`postgresql://nyx:hidden@127.0.0.1:${port}/nyx${parameters}`, 0);
    await expect(attempt).rejects.toThrow(/^DATABASE_URL: NYX cannot connect to [^\n]*[^.]\.$/);
    await expect(attempt).rejects.toThrow(reason);
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  it('that is not in UTF-8 is refused before anything is written', async () => {
    const [url, name] = [new URL(database.url), `nyx_ascii_${process.pid}`];
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    try {
      await owner.query(
        `CREATE DATABASE ${name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      url.pathname = `/${name}`;
      const attempt = checkDatabaseServer(url.href, 0);
      await expect(attempt).rejects.toThrow(/^DATABASE_URL: .* is encoded in SQL_ASCII, and NYX needs UTF8: [^\n]*\.$/);
    } finally {
      await owner.query(`DROP DATABASE IF EXISTS ${name}`);
      await owner.end();
    }
  });

  it.each([
    [
      'older than 15',
      { ...VERSION, number: '140011', version: '14.11' },
      /^DATABASE_URL: .* is PostgreSQL 14\.11, .* 15 or newer\.$/,
    ],
    ['a standby', { ...VERSION, standby: 't' }, /^DATABASE_URL: .* is a standby/],
  ])('%s is refused', async (_name, version, sentence) => {
    const server = await startFakePostgres((sql) => (sql.includes('server_version') ? version : { pid: '1' }));
    await expect(checkDatabaseServer(server.url, 0)).rejects.toThrow(sentence);
    server.close();
  });

  /** As PgBouncer: whoever asks outside a transaction gets a free server connection, the one in a transaction keeps its own. */
  const pooler = (backends: number): ReturnType<typeof startFakePostgres> => {
    const holders = new Map<number, number>();
    return startFakePostgres((sql, connection) => {
      if (sql.includes('server_version')) return VERSION;
      if (sql === 'ROLLBACK') holders.delete(connection);
      const taken = new Set([...holders].filter(([holder]) => holder !== connection).map(([, backend]) => backend));
      const free = [...Array(backends).keys()].filter((backend) => !taken.has(backend))[0] ?? 0;
      const backend = holders.get(connection) ?? free;
      if (sql === 'BEGIN') holders.set(connection, backend);
      return sql.includes('pg_backend_pid') ? { pid: String(backend) } : undefined;
    });
  };

  it.each([1, 2, 5])('a pooler in transaction mode over %d connections is refused', async (backends) => {
    const server = await pooler(backends);
    await expect(checkDatabaseServer(server.url, 0)).rejects.toThrow(
      /^DATABASE_URL: .* pooler in transaction mode[^\n]*\.$/,
    );
    server.close();
  });
});

describe('migrations', () => {
  it('run once when several start at the same moment', async () => {
    const database = await createTestDatabase({ empty: true });
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrateDatabase(database.url)));
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, 0, migrations.length]);
    await database.drop();
  });

  it('can be taken back to nothing and run again', async () => {
    const database = await createTestDatabase();
    const tables = async (): Promise<unknown[]> => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query<{ tablename: string }>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
      );
      await client.end();
      return rows;
    };
    const before = await tables();
    for (const migration of [...migrations].reverse())
      expect(await revertLastMigration(database.url)).toBe(migration.name);
    expect(await revertLastMigration(database.url)).toBeUndefined();
    expect(await tables()).toEqual([{ tablename: 'migrations' }]);
    await migrateDatabase(database.url);
    expect(await tables()).toEqual(before);
    await database.drop();
  });
});
