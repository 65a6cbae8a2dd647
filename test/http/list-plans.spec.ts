import { readFile } from 'node:fs/promises';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { encodeCursor } from '../../src/http/cursor.js';
import { currentRequestId } from '../../src/http/request-context.js';
import { startApp, type TestApp } from '../support/app.js';
import { hearStatements, type Statement } from '../support/statements.js';

const WEBHOOK = '019ab0c4-5d6e-7f80-9123-456789abcdef';

/** Path, and the time in whose order an index has the list. */
const LISTS: readonly (readonly [path: string, time: string])[] = [
  ['auth/users', 'created_at'],
  ['auth/api-keys', 'created_at'],
  ['auth/audit', 'at'],
  ['auth/audit?action=login&outcome=done', 'at'],
  ['auth/audit?actor_id=somebody', 'at'],
  ['system/webhooks', 'created_at'],
  [`system/webhooks/${WEBHOOK}/deliveries`, 'created_at'],
  [`system/webhooks/${WEBHOOK}/deliveries?status=dead`, 'created_at'],
  ['llm/interactions', 'request_timestamp'],
  ['llm/interactions?model=a', 'request_timestamp'],
  ['llm/interactions?success=false', 'request_timestamp'],
  ['llm/budgets', 'created_at'],
  ['llm/budgets?kind=workflow', 'created_at'],
  ['llm/prompt-templates', 'created_at'],
  ['tools/executions', 'started_at'],
  ['tools/executions?status=failed', 'started_at'],
  ['orchestrator/workflows', 'created_at'],
  ['orchestrator/workflows?status=completed', 'created_at'],
  ['orchestrator/approvals', 'created_at'],
  ['orchestrator/workflow-templates', 'created_at'],
  ['orchestrator/schedules', 'created_at'],
  ['orchestrator/triggers', 'created_at'],
  ['orchestrator/events', 'created_at'],
  ['orchestrator/events?type=a.b', 'created_at'],
  ['orchestrator/memories', 'created_at'],
  ['orchestrator/communications', 'sent_at'],
  ['orchestrator/thought-trees', 'created_at'],
  ['orchestrator/thought-trees?status=failed', 'created_at'],
  ['orchestrator/agents', 'created_at'],
  ['orchestrator/agents?agent_type=task', 'created_at'],
  ['orchestrator/orchestrators', 'created_at'],
  ['orchestrator/orchestrators?status=active', 'created_at'],
  ['motivational/decisions', 'evaluated_at'],
  ['motivational/decisions?spawned=true', 'evaluated_at'],
];

/** No index has their order. */
const OTHERS = [
  // Sums, which are made first.
  'llm/costs',
  // The open ones of all that were ever made, by their partial index; they are few.
  'llm/reservations',
  // Of one workflow or template, whose rows are found by it and bounded.
  'orchestrator/workflows/{id}/tree',
  'orchestrator/workflow-templates/{id}/versions',
  // Of a folder.
  'tools/files',
  'tools/files/{path}',
];

const CURSOR = encodeCursor({ at: '2026-11-23T08:00:00.123456Z', id: newId() });

let nyx: TestApp;
let database: Database;
beforeAll(async () => {
  nyx = await startApp();
  database = nyx.app.get(Database);
  await database.query(
    `INSERT INTO webhooks (id, url, event_types, secret, created_by) VALUES ($1, 'https://example.com', '{workflow.completed}', 's', 'nobody')`,
    [WEBHOOK],
  );
});
afterAll(async () => {
  await nyx.close();
});

async function statementOf(path: string): Promise<string> {
  const requestId = newId();
  const statements: Statement[] = [];
  const stop = hearStatements(database, (statement) => {
    if (currentRequestId() === requestId) statements.push(statement);
  });
  const { status } = await nyx.request('admin', 'GET', `/api/v1/${path}`, undefined, { 'x-request-id': requestId });
  stop();
  expect([path, status]).toEqual([path, 200]);
  const [list, ...others] = statements.filter(({ text }) => /ORDER BY[^()]*LIMIT/.test(text));
  expect(others).toEqual([]);
  return list?.text ?? '';
}

/** The plan that fits whatever values, as PostgreSQL may choose it for a statement that is prepared. */
const genericPlanOf = (text: string): Promise<string> =>
  database.transaction(async ({ client }) => {
    for (const setting of ['plan_cache_mode = force_generic_plan', 'enable_seqscan = off', 'enable_sort = off']) {
      await client.query(`SET LOCAL ${setting}`);
    }
    await client.query(`PREPARE list AS ${text}`);
    const values = Array.from({ length: parametersOf(text) }, () => 'NULL');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE list (${values.join(', ')})`);
    await client.query('DEALLOCATE list');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });

const parametersOf = (text: string): number =>
  Math.max(...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));

describe.each(LISTS)('%s', (path, time) => {
  it('begins at its place in an index, on every page', async () => {
    const place = new RegExp(`Index Cond: .*ROW\\((\\w+\\.)?${time}, (\\w+\\.)?id\\) < ROW\\(`);
    const first = await statementOf(path);
    const next = await statementOf(`${path}${path.includes('?') ? '&' : '?'}cursor=${CURSOR}`);
    for (const text of new Set([first, next])) {
      const plan = await genericPlanOf(text);
      expect(plan).toMatch(place);
      expect(plan).not.toMatch(/\bSort\b/);
    }
  });
});

it('are all lists that go by a cursor', async () => {
  const { paths } = JSON.parse(await readFile('openapi.json', 'utf8')) as {
    paths: Record<string, { get?: { parameters?: { name: string }[] } }>;
  };
  const paged = Object.entries(paths)
    .filter(([, { get }]) => get?.parameters?.some(({ name }) => name === 'cursor'))
    .map(([path]) => path.replace('/api/v1/', ''));
  const tested = LISTS.map(([path]) => path.replace(WEBHOOK, '{id}').replace(/\?.*/, ''));
  expect(new Set([...tested, ...OTHERS])).toEqual(new Set(paged));
});
