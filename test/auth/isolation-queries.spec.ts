import { currentRequestId } from '../../src/http/request-context.js';
import { Database } from '../../src/database/database.service.js';
import { hearStatements, type Statement } from '../support/statements.js';
import { IsolationRoom, routes } from './isolation-room.js';

/** Lists by time, newest first, and where their rows are. */
const LISTS = [
  ['orchestrator/workflows', 'workflows', 'created_at'],
  ['orchestrator/memories', 'memories', 'created_at'],
  ['orchestrator/schedules', 'schedules', 'created_at'],
  ['orchestrator/triggers', 'triggers', 'created_at'],
  ['orchestrator/events', 'outside_events', 'created_at'],
  ['orchestrator/workflow-templates', 'workflow_templates', 'created_at'],
  ['llm/interactions', 'llm_interactions', 'request_timestamp'],
  ['tools/executions', 'tool_executions', 'started_at'],
] as const;

/** Whether credentials still hold is asked for every few seconds, not for every request. */
const OF_CREDENTIALS = / (users|sessions|api_keys)\b/;
const MOST = 2;

let room: IsolationRoom;
let database: Database;
let ids: ReadonlyMap<string, string>;
const heard = new Map<string, Statement[]>();
beforeAll(async () => {
  room = await IsolationRoom.start();
  ids = await room.everythingOf('a');
  database = room.nyx.app.get(Database);
  hearStatements(database, (statement) => heard.get(currentRequestId() ?? '')?.push(statement));
}, 180_000);
afterAll(() => room.close());

/** What a request of A asks of the database. */
async function statementsOf(path: string): Promise<readonly Statement[]> {
  const requestId = `counted-${heard.size}`;
  const statements: Statement[] = [];
  heard.set(requestId, statements);
  const { status } = await room.call('a', 'GET', path, undefined, { 'x-request-id': requestId });
  expect([path, status]).toEqual([path, 200]);
  return statements.filter(({ text }) => !OF_CREDENTIALS.test(text));
}

/** Reads on as long as it is open. */
const STREAM = '/api/v1/orchestrator/workflows/{id}/events';

const reads = routes.filter(
  ({ method, path, operation }) =>
    method === 'GET' &&
    path.startsWith('/api/') &&
    path !== STREAM &&
    operation['x-required-role'] !== 'admin' &&
    !path.includes('{path}'),
);

it.each(reads.map(({ path }) => [path]))('GET %s asks for whose it is within two statements', async (path) => {
  const collection = path.split('/{')[0]?.split('/').at(-1) ?? '';
  const named = collection === 'states' ? 'idle_exploration' : (ids.get(collection) ?? (await templateId()));
  const statements = await statementsOf(
    `${path.replace(/\{(id|type)\}/, named)}${path.endsWith('/llm/costs') ? '?by=workflow' : ''}`,
  );
  expect(statements.length > MOST ? statements.map(({ text }) => text) : []).toEqual([]);
});

async function templateId(): Promise<string> {
  const { body } = await room.call<{ items: { id: string }[] }>('a', 'GET', '/api/v1/llm/prompt-templates');
  return body.items[0]?.id ?? '';
}

it.each(LISTS)('%s of one principal among many are read by the index of principals', async (path, table, time) => {
  const isTemplate = table === 'workflow_templates';
  // Copies of A's rows that are another's and newer: by time alone all of them would be read first.
  await database.query(
    `INSERT INTO ${table} SELECT (jsonb_populate_record(own, jsonb_build_object('id', gen_random_uuid(), 'principal_id', 'another',
              '${time}', now() + make_interval(secs => n)) ${isTemplate ? `|| jsonb_build_object('name', 'copy-' || n)` : ''})).*
       FROM (SELECT o FROM ${table} o WHERE principal_id = $1 LIMIT 1) one(own), generate_series(1, 5000) n`,
    [await idOfA()],
  );
  await database.query(`ANALYZE ${table}`);
  const statement = (await statementsOf(`/api/v1/${path}`)).find(({ text }) =>
    new RegExp(`FROM ${table}\\b`).test(text),
  );
  const rows = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${statement?.text ?? ''}`, statement?.values);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain(`ix_${table}_principal`);
  expect(plan).not.toContain(`Seq Scan on ${table} `);
});

async function idOfA(): Promise<unknown> {
  return (await room.call('a', 'GET', '/api/v1/auth/me')).body.id;
}
