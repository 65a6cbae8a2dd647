import type { DataSource } from 'typeorm';
import { UsageQueue1795478800000 } from '../../migrations/1795478800000-usage-queue.js';
import { createDataSource } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('the marks of rolled-up calls become a queue of the others, and the queue marks again', async () => {
  const migration = new UsageQueue1795478800000();
  const runner = dataSource.createQueryRunner();
  const migrate = async (work: () => Promise<void>): Promise<void> => {
    await runner.startTransaction();
    await work();
    await runner.commitTransaction();
  };
  const listOf = async (condition: string): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT prompt_text AS name FROM llm_interactions WHERE ${condition} ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };
  try {
    await migrate(() => migration.down(runner));
    await dataSource.query(
      `INSERT INTO llm_interactions (id, purpose, provider, model, prompt_text, status, rolled_up)
       SELECT gen_random_uuid(), 'test', 'offline', 'm', concat_ws(' ', status, rolled_up), status, rolled_up
       FROM (VALUES ('succeeded', true), ('succeeded', false), ('failed', true), ('failed', false), ('sent', false), ('in_doubt', false))
         AS calls(status, rolled_up)`,
    );
    await migrate(() => migration.up(runner));
    expect(await listOf('id IN (SELECT interaction_id FROM llm_usage_queue)')).toEqual(['failed f', 'succeeded f']);
    await migrate(() => migration.down(runner));
    expect(await listOf('rolled_up')).toEqual(['failed t', 'succeeded t']);
    await migrate(() => migration.up(runner));
    expect(await listOf('id IN (SELECT interaction_id FROM llm_usage_queue)')).toEqual(['failed f', 'succeeded f']);
  } finally {
    await runner.release();
  }
});
