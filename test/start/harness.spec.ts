import pg from 'pg';
import { createTestDatabase } from '../support/database.js';

describe('a test database', () => {
  it('has the migrated schema and is gone after drop()', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM workflows');
    expect(rows[0]?.count).toBe('0');
    await client.end();
    await database.drop();
  });
});
