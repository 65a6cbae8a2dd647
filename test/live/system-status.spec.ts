import { Database } from '../../src/database/database.service.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { connect, connected, disconnectAll, next, refusalOf, untilNobodyIsConnected } from './live-client.js';

interface Status {
  timestamp: string;
  components: Record<string, { status: string }>;
  database: { status: string };
  engine: { status: string } | null;
  active_workflows: number | null;
  cost_today_usd: number | null;
  error?: string;
}

const NAMESPACE = '/ws/system/status';

let database: TestDatabase;
let relay: DatabaseRelay;
let nyx: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  relay = await DatabaseRelay.before(database.url);
  nyx = await startApp({ database: { url: relay.url } });
}, 180_000);
afterEach(disconnectAll);
afterAll(async () => {
  await nyx.close();
  await relay.close();
  await database.drop();
});

/** Connected with the role, with all that it has been sent. */
async function listener(): Promise<Status[]> {
  const socket = connect(nyx.url, NAMESPACE, { token: await nyx.token('viewer') });
  const heard: Status[] = [];
  socket.on('status', (status: Status) => heard.push(status));
  await connected(socket);
  return heard;
}

/** How often the work was counted, from now on. */
function countsOfWork(): { readonly times: number; stop: () => void } {
  const sql = nyx.app.get(Database);
  const query = sql.query.bind(sql);
  const counts = { times: 0, stop: () => void (sql.query = query) };
  sql.query = (text, values) => {
    if (text.includes('FROM workflows WHERE status IN') && text.includes('system_day')) counts.times += 1;
    return query(text, values);
  };
  return counts;
}

const engine = (what: string): Promise<Response> =>
  nyx.request('operator', 'POST', `/api/v1/motivational/engine/${what}`);

it('comes at once, with what the route says and the engine, the work and its cost', async () => {
  const heard = await listener();
  await until('a status', () => heard.length > 0);
  const rest = (await (await nyx.request('viewer', 'GET', '/api/v1/system/status')).json()) as object;
  expect(Object.keys(heard[0] ?? {})).toEqual(expect.arrayContaining(Object.keys(rest)));
  expect(heard[0]).toMatchObject({
    database: { status: 'connected' },
    engine: { status: 'not_initialized' },
    active_workflows: 0,
    cost_today_usd: 0,
  });
  expect(heard[0]).not.toHaveProperty('error');
});

it('is for those who may read, and says why it is not for others', async () => {
  expect(await refusalOf(connect(nyx.url, NAMESPACE, {}))).toMatchObject({ error_code: 'UNAUTHENTICATED' });
  expect(await refusalOf(connect(nyx.url, NAMESPACE, { token: 'no token' }))).toMatchObject({
    error_code: 'UNAUTHENTICATED',
  });
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const socket = connect(nyx.url, NAMESPACE, { token: await nyx.token(role) });
    const status = next<Status>(socket, 'status');
    expect(await status).toHaveProperty('active_workflows');
  }
});

it('is found out once for all who listen, and not at all for nobody', async () => {
  await untilNobodyIsConnected(nyx.app);
  const counts = countsOfWork();
  try {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(counts.times).toBe(0);
    const all = await Promise.all(Array.from({ length: 30 }, listener));
    const sent = (): number => Math.max(...all.map(({ length }) => length));
    await until('all have two', () => all.every(({ length }) => length >= 2), 30_000);
    // Between ticks it is looked at whether something has changed.
    expect(counts.times).toBeLessThanOrEqual(sent() * 6);
    expect(counts.times).toBeLessThan(30);
    const different = new Set(all.flat().map(({ timestamp }) => timestamp));
    expect(different.size).toBeLessThanOrEqual(counts.times);
  } finally {
    counts.stop();
  }
}, 120_000);

it('comes when the engine is started or stopped, or a workflow waits, before the next tick is due', async () => {
  const heard = await listener();
  await until('a status', () => heard.length > 0);
  await engine('start');
  await until('it runs', () => heard.some((status) => status.engine?.status === 'running'), 8_000);
  await engine('stop');
  await until('it is stopped', () => heard.at(-1)?.engine?.status === 'stopped', 8_000);
  const sql = nyx.app.get(Database);
  await sql.query(
    `INSERT INTO workflows (id, principal_id, input_type, content, priority, urgency, goal)
     VALUES (gen_random_uuid(), 'somebody', 'user_prompt', '{}', 'medium', 'normal', 'Wait.')`,
  );
  await until('it counts', () => heard.at(-1)?.active_workflows === 1, 8_000);
  expect(heard.length).toBeLessThan(8);
});

it('says so when it cannot be found out, and recovers', async () => {
  const heard = await listener();
  await until('a status', () => heard.length > 0);
  relay.cut();
  await until('it is told', () => heard.at(-1)?.error !== undefined);
  expect(heard.at(-1)).toMatchObject({ database: { status: 'error' }, active_workflows: null, cost_today_usd: null });
  relay.resume();
  await until(
    'all is well again',
    () => heard.at(-1)?.database.status === 'connected' && heard.at(-1)?.error === undefined,
  );
});
