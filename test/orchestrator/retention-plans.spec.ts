import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { LOOSE, oldLoose } from '../../src/orchestrator/keeping/archived-tables.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const OF_WORKFLOWS = 20_000;
let database: TestDatabase;
let dataSource: DataSource;

/** Of workflows there are many, also old ones, that may be kept for longer. */
beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
  await dataSource.query(
    `WITH w AS (INSERT INTO workflows (id, principal_id, input_type, content, goal) VALUES (gen_random_uuid(), 'p', 'user_prompt', '{}', 'g') RETURNING id),
     rows AS (SELECT n, CASE WHEN n <= ${OF_WORKFLOWS} THEN w.id END AS workflow_id, now() - make_interval(mins => n % ${OF_WORKFLOWS}) AS at
                FROM w, generate_series(1, ${OF_WORKFLOWS} + 2000) n),
     calls AS (INSERT INTO llm_interactions (id, purpose, provider, model, prompt_text, status, workflow_id, request_timestamp)
               SELECT gen_random_uuid(), 'test', 'offline', 'm', 'p', 'succeeded', workflow_id, at FROM rows)
     INSERT INTO tool_executions (id, principal_id, executor_id, claim_id, tool_name, tool_class, status, workflow_id, started_at, completed_at)
     SELECT gen_random_uuid(), 'p', 'e', gen_random_uuid(), 't', 'c', 'succeeded', workflow_id, at, at FROM rows`,
  );
  await dataSource.query('ANALYZE llm_interactions, tool_executions');
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

interface PlanNode {
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const removed = (node: PlanNode): number =>
  (node['Rows Removed by Filter'] ?? 0) + (node.Plans ?? []).reduce((sum, plan) => sum + removed(plan), 0);

it.each(['llm_interactions', 'tool_executions'])(
  'to find the old rows of no workflow in %s, none of a workflow is read',
  async (table) => {
    const kind = LOOSE.find((one) => one.table === table);
    if (kind === undefined) throw new Error(`${table} is not among them.`);
    const [row]: { 'QUERY PLAN': { Plan: PlanNode }[] }[] = await dataSource.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${oldLoose(kind, 200)}`,
      [1],
    );
    expect(row?.['QUERY PLAN'].map(({ Plan }) => removed(Plan))).toEqual([0]);
  },
);
