import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { afterCommit } from '../../src/database/after-commit.js';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.service.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
let relay: DatabaseRelay;
let dataSource: DataSource;
let database: Database;
const kept = async (): Promise<number[]> =>
  (await database.query<{ n: number }>('SELECT n FROM kept ORDER BY n')).map(({ n }) => n);

beforeAll(async () => {
  test = await createTestDatabase({ empty: true });
  relay = await DatabaseRelay.before(test.url);
  dataSource = await createDataSource({ url: relay.url, poolSize: 1 }).initialize();
  database = new Database(dataSource);
  await database.query('CREATE TABLE kept (n int PRIMARY KEY)');
});
beforeEach(() => database.query('TRUNCATE kept'));
afterAll(async () => {
  await dataSource.destroy();
  await relay.close();
  await test.drop();
});

const INSERT = 'INSERT INTO kept VALUES ($1)';

describe('a transaction', () => {
  it('goes to the server in as many parts as it waits for answers', async () => {
    const work = (): Promise<unknown[]> =>
      database.transaction(async (tx) => {
        tx.send('SELECT 1');
        tx.send('SELECT 2', [], () => undefined);
        await Promise.all([tx.query('SELECT 3'), tx.query('SELECT 4')]);
        tx.send('SELECT 5');
        return tx.query('SELECT 6');
      });
    await work();
    const before = relay.messages;
    await work();
    // With the beginning, two waits, and the commit.
    expect(relay.messages - before).toBe(3);
  });

  it('executes what was sent in its place', async () => {
    const seen = await database.transaction(async (tx) => {
      tx.send(INSERT, [1]);
      const before = await tx.query('SELECT n FROM kept');
      tx.send('DELETE FROM kept');
      return [before, await tx.query('SELECT n FROM kept')];
    });
    expect(seen).toEqual([[{ n: 1 }], []]);
  });

  it('waits for what was sent last, and commits it', async () => {
    await database.transaction((tx) => tx.send(INSERT, [1]));
    expect(await kept()).toEqual([1]);
  });

  it.each<[string, Parameters<typeof database.transaction>[0], RegExp]>([
    ['is the last', (tx) => tx.send(INSERT, ['no number']), /invalid input syntax/],
    [
      'comes before one that is waited for',
      async (tx) => {
        tx.send(INSERT, [2]);
        tx.send(INSERT, [2]);
        await tx.query('SELECT 1');
      },
      /duplicate key/,
    ],
    [
      'is followed by work that fails of it in its own way',
      async (tx) => {
        tx.send('SELECT 1/0');
        await tx.query('SELECT 1').catch(() => {
          throw new Error('something else');
        });
      },
      /division by zero/,
    ],
    [
      'answers what its check refuses',
      async (tx) => {
        tx.send('SELECT 1', [], () => {
          throw new Error('not the owner');
        });
        await tx.query(INSERT, [3]);
      },
      /not the owner/,
    ],
  ])('leaves nothing and says why when a statement that was sent %s', async (_name, work, reason) => {
    let committed = false;
    const writing = database.transaction(async (tx) => {
      await tx.query(INSERT, [1]);
      afterCommit(tx, () => (committed = true));
      await work(tx);
    });
    await expect(writing).rejects.toThrow(reason);
    expect(committed).toBe(false);
    expect(await kept()).toEqual([]);
  });

  it('is not taken for committed when it goes on after a statement that failed', async () => {
    const swallowing = database.transaction(async (tx) => {
      await tx.query(INSERT, [1]);
      await tx.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('nothing was committed');
    expect(await kept()).toEqual([]);
  });

  it('says what failed first when more was sent behind a statement that is waited for', async () => {
    const failing = database.transaction(async (tx) => {
      const waiting = tx.query('SELECT 1/0');
      tx.send(INSERT, [1]);
      await waiting;
    });
    await expect(failing).rejects.toThrow('division by zero');
    expect(await kept()).toEqual([]);
  });

  it('goes on after a part of it that failed as if that had not been, and hears why', async () => {
    const done: string[] = [];
    await database.transaction(async (tx) => {
      tx.send(INSERT, [1]);
      const part = tx.nested(async () => {
        afterCommit(tx, () => done.push('undone'));
        tx.send(INSERT, [1]);
        await tx.query('SELECT 1');
      });
      await expect(part).rejects.toThrow('duplicate key');
      await tx.nested(async () => {
        afterCommit(tx, () => done.push('part'));
        await tx.query(INSERT, [3]);
      });
      afterCommit(tx, () => done.push('whole'));
      tx.send(INSERT, [2]);
    });
    expect(await kept()).toEqual([1, 2, 3]);
    expect(done).toEqual(['part', 'whole']);
  });

  it('fails for what was sent before a part of it that failed, too', async () => {
    const failing = database.transaction(async (tx) => {
      tx.send('SELECT 1', [], () => {
        throw new Error('not the owner');
      });
      await tx.nested(() => Promise.reject(new Error('a part'))).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('not the owner');
  });

  it('whose beginning fails gives its connection up', async () => {
    const { master: pool } = dataSource.driver as unknown as { master: Pool };
    const client = await pool.connect();
    const lost = new Promise((resolve) => client.once('error', resolve));
    await client.query('BEGIN ISOLATION LEVEL NONE');
    expect(String(await lost)).toContain('syntax error');
    await expect(client.query(INSERT, [1])).rejects.toThrow();
    client.release(true);
  });

  it('fails with its connection, whose place another one takes', async () => {
    const broken = database.transaction((tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(broken).rejects.toThrow(/terminat/);
    await database.transaction((tx) => tx.send(INSERT, [1]));
    expect(await kept()).toEqual([1]);
  });
});

it('statements that fail among others on their way take no answer of theirs', async () => {
  const { master: pool } = dataSource.driver as unknown as { master: Pool };
  const client = await pool.connect();
  try {
    const all = Array.from({ length: 200 }, (_, n) =>
      n % 7 === 3 ? client.query('SELECT 1/0') : client.query<{ n: number }>('SELECT $1::int AS n', [n]),
    );
    (await Promise.allSettled(all)).forEach((one, n) => {
      expect(one.status === 'fulfilled' ? one.value.rows : 'failed').toEqual(n % 7 === 3 ? 'failed' : [{ n }]);
    });
  } finally {
    client.release();
  }
});

it.each(['while they are on their way', 'before they are sent'])(
  'statements whose connection is lost %s fail with a code that says so',
  async (when) => {
    const { master: pool } = dataSource.driver as unknown as { master: Pool };
    for (let round = 0; round < 10; round += 1) {
      const client = await pool.connect();
      const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
      if (when === 'before they are sent') {
        relay.cut();
        if (round % 2 === 0) await lost;
      }
      const waiting = [
        client.query('BEGIN').then(() => client.query('SELECT pg_sleep(5)')),
        client.query('SELECT pg_sleep(5)'),
        new Promise((resolve, reject) => {
          client.query('SELECT 1', (error: Error | null, result: unknown) => (error ? reject(error) : resolve(result)));
        }),
      ];
      const ended = Promise.allSettled(waiting);
      relay.cut();
      await lost;
      client.release(true);
      relay.resume();
      const late = client.query('SELECT 1');
      const failures = [...(await ended), ...(await Promise.allSettled([late]))];
      // As DBOS has them.
      for (const failure of failures) expect(failure).toMatchObject({ reason: { code: 'ECONNRESET' } });
    }
  },
);
