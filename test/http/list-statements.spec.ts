import { readFileSync } from 'node:fs';
import type { PoolClient } from 'pg';
import { IsolationRoom, routes } from '../auth/isolation-room.js';
import type { ApiDocument, Route, Schema } from '../docs/operations.js';
import { Database } from '../../src/database/database.service.js';
import { currentRequestId } from '../../src/http/request-context.js';

/** Lists that are as long whatever is made, by what they are of. */
const FIXED = new Map([
  ['/api/v1/llm/models', 'the catalogue'],
  ['/api/v1/llm/interactions/{id}', 'one call'],
  ['/api/v1/llm/stats', 'sums'],
  ['/api/v1/llm/prompt-templates/{id}', 'a text'],
  ['/api/v1/tools/available', 'tools of the release'],
  ['/api/v1/orchestrator/workflows/{id}/tree', 'one workflow, and counted by test/orchestrator/tree-pages.spec.ts'],
  ['/api/v1/orchestrator/triggers/{id}', 'a column'],
  ['/api/v1/orchestrator/events/{id}', 'one event'],
  ['/api/v1/orchestrator/learning', 'every class that there can be'],
  ['/api/v1/motivational/states', 'kinds of motivations'],
  ['/api/v1/motivational/states/{type}', 'a column'],
  ['/api/v1/system/config', 'settings of the release'],
]);
/** Whether credentials still hold, and whose it is what the path names, is asked for every few seconds, not for every request. */
const AT_THE_DOOR = /^SELECT FROM |FROM sessions s JOIN users u/;

const { components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;
const resolved = (schema: Schema | undefined): Schema | undefined =>
  schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1) ?? ''];
const isListOfObjects = (schema: Schema): boolean =>
  schema.type === 'array' && resolved(schema.items)?.type === 'object';
const lists = routes.filter(({ method, path, operation }) => {
  const answer = resolved(operation.responses['200']?.content?.['application/json']?.schema);
  return method === 'GET' && Object.values(answer?.properties ?? {}).some(isListOfObjects) && !FIXED.has(path);
});

const WEBHOOK = '019ab0c4-5d6e-7f80-9123-456789abcdef';
/** What no request makes at once, each with whose ids it needs. */
const BY_HAND: readonly (readonly [statement: string, ...collections: string[]])[] = [
  [
    `INSERT INTO webhooks (id, url, event_types, secret, created_by)
     SELECT CASE WHEN EXISTS (SELECT FROM webhooks) THEN gen_random_uuid() ELSE $1::uuid END, 'https://example.com', '{workflow.failed}', 's', 'x'`,
    'webhooks',
  ],
  [
    `INSERT INTO webhook_deliveries (id, webhook_id, workflow_id, seq, event_type, retry_until)
     SELECT gen_random_uuid(), $1, $2, (SELECT count(*) FROM webhook_deliveries) + 1, 'workflow.failed', now() + interval '1 day'`,
    'webhooks',
    'workflows',
  ],
  [
    `UPDATE budget_ledger SET status = 'in_doubt' WHERE id = (SELECT id FROM budget_ledger WHERE status = 'settled' LIMIT 1)`,
  ],
  [
    `INSERT INTO approvals (id, workflow_id, kind, arguments_hash, reason, deadline_at)
     SELECT gen_random_uuid(), $1, 'tool_call', gen_random_uuid(), 'May it?', now() + interval '1 day'`,
    'active',
  ],
  [
    `INSERT INTO agent_communications (id, sender_agent_id, receiver_agent_id, thought_tree_id, workflow_id, message_type, content)
     SELECT gen_random_uuid(), a.id, a.id, w.id, w.id, 'notification', '{"text": "The river has moved."}'
       FROM agents a, workflows w WHERE w.id = $1 AND a.thought_tree_id = w.id LIMIT 1`,
    'workflows',
  ],
  [
    `INSERT INTO motivational_tasks (id, motivational_state_id, generated_prompt, task_priority, arbitration_score, status, target, completed_at)
     SELECT gen_random_uuid(), id, 'p', 0.5, 0.5, 'cancelled', 't', now() FROM motivational_states LIMIT 1`,
  ],
  [
    `INSERT INTO motivation_decisions (id, evaluated_at, executor_id, elapsed_seconds, config, considered)
     SELECT gen_random_uuid(), now(), 'x', 0, '{}', '[]'`,
  ],
  [
    `INSERT INTO executors (id, status, lock_key, version)
     SELECT gen_random_uuid(), 'live', 1000 + count(*), 'nyx-1' FROM executors`,
  ],
];

interface Asked {
  readonly rows: number;
  readonly statements: readonly string[];
}

let room: IsolationRoom;
let database: Database;
const named = new Map([
  ['files', 'folder'],
  ['webhooks', WEBHOOK],
]);
const heard = new Map<string, string[]>();
/** By path, with one of everything, and with three. */
const before = new Map<string, Asked>();
const after = new Map<string, Asked>();

beforeAll(async () => {
  room = await IsolationRoom.start();
  database = room.nyx.app.get(Database);
  hearEverything();
  await makeOne(1);
  for (const route of lists) before.set(route.path, await ask(route));
  await makeOne(2);
  await makeOne(3);
  for (const route of lists) after.set(route.path, await ask(route));
}, 300_000);
afterAll(() => room.close());

/** Also what is asked within transactions. */
function hearEverything(): void {
  const known = new WeakSet<PoolClient>();
  database.pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const [statement] = args as [string | { text: string }];
      heard.get(currentRequestId() ?? '')?.push(typeof statement === 'string' ? statement : statement.text);
      return query(...args);
    }) as typeof client.query;
  });
}

async function ask({ path, operation }: Route): Promise<Asked> {
  const collection = path.endsWith('/{id}/approvals') ? 'active' : path.split('/{')[0]?.split('/').at(-1);
  const url = path.replace(/\{\w+\}/, named.get(collection ?? '') ?? '');
  const limit = operation.parameters?.find(({ name }) => name === 'limit')?.schema?.maximum ?? 1;
  // What the engine does is nobody's.
  const isAdmins = operation['x-required-role'] === 'admin' || path.includes('/motivational/');
  const requestId = `counted-${heard.size}`;
  const statements: string[] = [];
  heard.set(requestId, statements);
  const query = new URLSearchParams({
    ...(path.endsWith('/costs') && { by: 'workflow' }),
    ...(operation.parameters?.some(({ name }) => name === 'limit') && { limit: String(limit) }),
  });
  const answer = await room.call(isAdmins ? 'admin' : 'a', 'GET', `${url}?${query.toString()}`, undefined, {
    'x-request-id': requestId,
  });
  expect([path, answer.status]).toEqual([path, 200]);
  const rows = Object.values(answer.body).flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []));
  return { rows: rows.length, statements: statements.filter((text) => !AT_THE_DOOR.test(text)) };
}

/** One more of everything; those that are named are the first. */
async function makeOne(number: number): Promise<void> {
  for (const [collection, id] of await room.everythingOf('a')) if (!named.has(collection)) named.set(collection, id);
  const user = { username: `user-${number}`, password: 'a password of a user', role: 'viewer' };
  await room.made('admin', 'auth/users', user);
  await room.made('admin', 'auth/api-keys', { name: `key-${number}`, role: 'viewer' });
  const template = { name: `template-${number}`, template_type: 'system', content: 'Hello.' };
  await room.made('admin', 'llm/prompt-templates', template);
  for (const path of [`${number}.txt`, `folder/${number}.txt`]) {
    const parameters = { operation: 'write_file', path, content: 'A file.' };
    await room.made('a', 'tools/execute', { tool_name: 'file_operations', parameters }, 'execution_id');
  }
  const workflowTemplate = `/api/v1/orchestrator/workflow-templates/${named.get('workflow-templates') ?? ''}`;
  await room.call('a', 'PATCH', workflowTemplate, { content: { prompt: `Version ${number}.` } });
  for (const [statement, ...collections] of BY_HAND) {
    const values = collections.map((collection) => named.get(collection));
    await database.query(statement, values);
  }
}

it.each(lists.map(({ path }) => [path]))('GET %s asks the same for three as for one', (path) => {
  const [one, three] = [before.get(path), after.get(path)];
  expect(one?.rows).toBeGreaterThanOrEqual(1);
  expect(three?.rows).toBeGreaterThanOrEqual((one?.rows ?? 0) + 2);
  expect(three?.statements).toEqual(one?.statements);
});
