import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.service.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
let relay: DatabaseRelay;
let dataSource: DataSource;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase({ empty: true });
  relay = await DatabaseRelay.before(test.url);
  dataSource = await createDataSource({ url: relay.url, poolSize: 3 }).initialize();
  database = new Database(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await relay.close();
  await test.drop();
});

const pid = async (): Promise<number | undefined> => {
  const [row] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid;
};

describe('statements that are asked in one turn of the event loop', () => {
  it('go to the server in one part, four at most over one connection', async () => {
    const ask = (): Promise<unknown[]> => Promise.all([pid(), pid(), pid(), pid()]);
    await ask();
    const before = relay.messages;
    const pids = await ask();
    expect(relay.messages - before).toBe(1);
    expect(new Set(pids).size).toBe(1);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(new Set([...first, ...second]).size).toBe(2);
  });

  it('fail each for itself; the connection is then given up', async () => {
    const before = await pid();
    const ended = await Promise.allSettled([pid(), database.query('SELECT 1 / 0'), pid()]);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const after = await Promise.all([pid(), pid(), pid(), pid(), pid(), pid(), pid(), pid(), pid()]);
    expect(after).not.toContain(before);
  });

  it('tell why the one failed that was to prepare them all', async () => {
    const wrong = (): Promise<unknown> => database.query('SELECT no_such_column');
    const ended = await Promise.allSettled([wrong(), wrong()]);
    for (const end of ended) expect(end).toMatchObject({ status: 'rejected', reason: { code: '42703' } });
  });

  it('go alone when they write or lock, so that nobody waits for what they wait for', async () => {
    await database.query('CREATE TABLE locked (n int)');
    await database.query('INSERT INTO locked VALUES (1)');
    await database.transaction(async (tx) => {
      await tx.query('SELECT n FROM locked FOR UPDATE');
      const write = database.query('UPDATE locked SET n = 2');
      expect(await database.query('SELECT n FROM locked')).toEqual([{ n: 1 }]);
      void write;
    });
    await until('the writes are done', async () => {
      const rows = await database.query<{ n: number }>('SELECT n FROM locked');
      return rows[0]?.n === 2;
    });
  });

  it('all fail with a connection that is lost, which the pool then has no more', async () => {
    const before = await pid();
    const asked = Promise.allSettled([database.query('SELECT pg_sleep(60)'), pid()]);
    await new Promise((resolve) => setImmediate(resolve));
    relay.cut();
    const ended = await asked;
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    relay.resume();
    // Its other connections were lost, too, of which it hears one after the other.
    await until('the pool has another', async () => {
      const after = await pid().catch(() => before);
      return after !== before && database.pool.idleCount === database.pool.totalCount;
    });
  });
});
