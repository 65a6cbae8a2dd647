import type { Pool } from 'pg';
import { createDataSource } from '../../src/database/data-source.js';
import { createTestDatabase } from '../support/database.js';

describe("the application's pool", () => {
  it('hears a connection that fails in the moment it is handed out, or the process would end of it', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    try {
      const { master: pool } = dataSource.driver as unknown as { master: Pool };
      const client = await pool.connect();
      client.release(new Error('its statement failed'));
      expect(() =>
        client.emit('error', new Error('terminating connection due to administrator command')),
      ).not.toThrow();
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});
