import pg, { type Pool } from 'pg';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.service.js';
import { createTestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const POOL_SIZE = 10;

describe("the application's pool", () => {
  it('hears a connection that fails in the moment it is handed out, or the process would end of it', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
    try {
      const { master: pool } = dataSource.driver as unknown as { master: Pool };
      const clients = await Promise.all([pool.connect(), pool.connect()]);
      for (const client of clients) {
        const last = new Error('terminating connection due to administrator command');
        expect(() => client.emit('error', last)).not.toThrow();
        client.release(true);
      }
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('answers reads while as many transactions as there are connections wait for a lock', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource({ url: database.url, poolSize: POOL_SIZE }).initialize();
    const frozen = new pg.Client({ connectionString: database.url });
    try {
      await frozen.connect();
      await frozen.query('CREATE TABLE hot (used int); INSERT INTO hot VALUES (0)');
      await frozen.query('BEGIN');
      await frozen.query('UPDATE hot SET used = 1');
      const db = new Database(dataSource);
      const writes = Array.from({ length: POOL_SIZE }, () =>
        db.transaction((tx) => tx.query('UPDATE hot SET used = used + 1')),
      );
      const waiting = async (): Promise<number> => {
        const [row] = await db.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return row?.n ?? 0;
      };
      await until('the transactions wait', async () => (await waiting()) >= POOL_SIZE / 2);
      expect(await db.query('SELECT used FROM hot')).toEqual([{ used: 0 }]);
      await frozen.query('COMMIT');
      await Promise.all(writes);
      expect(await db.query('SELECT used FROM hot')).toEqual([{ used: POOL_SIZE + 1 }]);
    } finally {
      await frozen.end();
      await dataSource.destroy();
      await database.drop();
    }
  });
});
