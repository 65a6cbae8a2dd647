import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** References for which PostgreSQL would read the whole table when what they point to is deleted: no whole index begins with their columns. */
const WITHOUT_INDEX = `
  SELECT c.conrelid::regclass || '.' || c.conname AS reference FROM pg_constraint c
   WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
     SELECT FROM pg_index i
      WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indexprs IS NULL
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1])))
        AND (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(c.conkey)] @> c.conkey)
   ORDER BY 1`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('every reference has an index by which those who hold it are found', async () => {
  expect(await dataSource.query(WITHOUT_INDEX)).toEqual([]);
});

it('one that has a partial index alone is seen', async () => {
  await dataSource.query('CREATE TABLE referring (workflow_id uuid REFERENCES workflows (id), is_open boolean)');
  await dataSource.query('CREATE INDEX ON referring (workflow_id) WHERE is_open');
  expect(await dataSource.query(WITHOUT_INDEX)).toContainEqual({
    reference: 'referring.referring_workflow_id_fkey',
  });
});
