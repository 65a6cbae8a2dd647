import type { Pool } from 'pg';
import { createDataSource } from '../../src/database/data-source.js';
import { createTestDatabase } from '../support/database.js';

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
});
