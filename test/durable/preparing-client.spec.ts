import { PreparingClient } from '../../src/durable/preparing-client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('the connections of the durable engine', () => {
  let test: TestDatabase;
  let client: PreparingClient;

  beforeAll(async () => {
    test = await createTestDatabase({ empty: true });
    client = new PreparingClient({ connectionString: test.url, ...{ pipeline: true } });
    await client.connect();
    await client.query('CREATE TABLE status (workflow_uuid text PRIMARY KEY, queue_name text, n int)');
  });
  afterAll(async () => {
    await client.end();
    await test.drop();
  });

  const prepared = async (): Promise<string[]> => {
    const { rows } = await client.query<{ statement: string }>(
      'SELECT statement FROM pg_prepared_statements ORDER BY prepare_time',
    );
    return rows.map(({ statement }) => statement);
  };

  it('prepare what is inserted, and what is looked up by its key', async () => {
    const statements: [string, unknown[]][] = [
      ['INSERT INTO status (workflow_uuid, n) VALUES ($1, $2 * 1000) RETURNING n', ['a', 1]],
      ['SELECT n FROM status WHERE workflow_uuid=$1', ['a']],
      ['UPDATE status SET n = $2 WHERE workflow_uuid = $1', ['a', 7]],
    ];
    for (const [text, values] of statements) await client.query(text, values);
    for (const [text, values] of statements.slice(1)) await client.query(text, values);
    expect(await prepared()).toEqual(statements.map(([text]) => text));
    expect((await client.query('SELECT n FROM status')).rows).toEqual([{ n: 7 }]);
  });

  it('plan a search by the values it has, and leave alone what answers all columns', async () => {
    const before = await prepared();
    await client.query('SELECT n FROM status WHERE queue_name = $1', ['workflows']);
    await client.query('SELECT * FROM status WHERE workflow_uuid = $1', ['a']);
    await client.query('SELECT n, s.* FROM status s WHERE workflow_uuid = $1', ['a']);
    expect(await prepared()).toEqual(before);
  });

  it('are given up, as if lost, when a statement is not what it was any more', async () => {
    const other = new PreparingClient({ connectionString: test.url, ...{ pipeline: true } });
    await other.connect();
    const ended = new Promise((resolve) => other.on('error', resolve));
    await other.query('SELECT n FROM status WHERE workflow_uuid=$1', ['a']);
    await client.query('ALTER TABLE status ALTER COLUMN n TYPE bigint');
    await expect(other.query('SELECT n FROM status WHERE workflow_uuid=$1', ['a'])).rejects.toMatchObject({
      code: 'ECONNRESET',
      message: 'cached plan must not change result type',
    });
    await ended;
    await client.query('ALTER TABLE status ALTER COLUMN n TYPE int');
  });

  it('answer callbacks, too', async () => {
    const rows = await new Promise((resolve, reject) => {
      client.query('SELECT n FROM status WHERE workflow_uuid=$1', ['a'], (error, result) => {
        if (error instanceof Error) reject(error);
        else resolve(result.rows);
      });
    });
    expect(rows).toEqual([{ n: 7 }]);
  });
});
