import { Database } from '../../src/database/database.service.js';
import { Notifications } from '../../src/database/notifications.service.js';
import type { DecisionDto } from '../../src/motivation/engine/dto/decision.dto.js';
import { STATES_CHANNEL } from '../../src/motivation/states/state-rows.js';
import { found, proposed, Wish, EngineFixture } from '../motivation/engine-fixture.js';
import { until } from '../support/until.js';
import { connect, connected, disconnectAll, refusalOf, untilNobodyIsConnected } from './live-client.js';

interface Heard {
  readonly event: string;
  readonly row: Record<string, unknown>;
}

const NAMESPACE = '/ws/motivation';
const EVENTS = ['evaluated', 'task.spawned', 'task.completed', 'state.changed'];

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
}, 180_000);
beforeEach(() => fixture.forget());
afterEach(disconnectAll);
afterAll(() => fixture.close());

async function listener(): Promise<Heard[]> {
  const socket = connect(fixture.nyx.url, NAMESPACE, { token: await fixture.nyx.token('viewer') });
  const heard: Heard[] = [];
  for (const event of EVENTS) socket.on(event, (row: Heard['row']) => heard.push({ event, row }));
  await connected(socket);
  return heard;
}
const of = (heard: readonly Heard[], event: string): Heard['row'][] =>
  heard.filter((each) => each.event === event).map(({ row }) => row);
const get = async <T>(path: string): Promise<T> =>
  (await (await fixture.nyx.request('viewer', 'GET', `/api/v1/motivational/${path}`)).json()) as T;

/** Until whatever was committed about states has come to those who listen: notifications come in the order of the commits. */
async function allStatesAreHeard(): Promise<void> {
  const last = 'no state';
  const heard = new Set<string>();
  fixture.nyx.app.get(Notifications).on(STATES_CHANNEL, (type) => heard.add(type));
  await fixture.database.query('SELECT pg_notify($1, $2)', [STATES_CHANNEL, last]);
  await until('the last notification', () => heard.has(last));
}

/** Reads of the rows, from now on. */
function reads(): { readonly texts: string[]; stop: () => void } {
  const sql = fixture.nyx.app.get(Database);
  const query = sql.query.bind(sql);
  const seen = { texts: [] as string[], stop: () => void (sql.query = query) };
  sql.query = (text, values) => {
    if (/FROM motivation\w+ .*ANY\(\$1/s.test(text)) seen.texts.push(text);
    return query(text, values);
  };
  return seen;
}

it('tells of an evaluation, its task, the end of it and what that did, each row as its route shows it', async () => {
  await fixture.add(
    new Wish('a_wish', { look: () => Promise.resolve(found('a_wish')), propose: () => proposed('a_wish') }),
  );
  const heard = await listener();
  await fixture.evaluate();
  await until('its task has ended', () => of(heard, 'task.completed').length === 1);
  const { items } = await get<{ items: DecisionDto[] }>('decisions');
  expect(of(heard, 'evaluated')).toEqual(items);
  const { recent_tasks: tasks } = await get<{ recent_tasks: Heard['row'][] }>('tasks/recent');
  expect(of(heard, 'task.completed')).toEqual([tasks[0]]);
  expect(of(heard, 'task.spawned')).toMatchObject([{ task_id: tasks[0]?.task_id, completed_at: null }]);
  await until('what it learned is told', () => of(heard, 'state.changed').at(-1)?.total_attempts === 1);
  const { arbitration_score: _now, ...state } = await get<Heard['row']>('states/a_wish');
  expect(
    of(heard, 'state.changed')
      .filter(({ motivation_type }) => motivation_type === 'a_wish')
      .at(-1),
  ).toMatchObject(state);
  const order = heard.map(({ event }) => event);
  expect(order.indexOf('evaluated')).toBeLessThan(order.indexOf('task.spawned'));
  expect(order.indexOf('task.spawned')).toBeLessThan(order.indexOf('task.completed'));
});

it('tells of a boost once, however many listen, and reads nothing for nobody', async () => {
  await untilNobodyIsConnected(fixture.nyx.app);
  const seen = reads();
  try {
    const boost = (): Promise<Response> =>
      fixture.nyx.request('operator', 'POST', '/api/v1/motivational/states/idle_exploration/boost', {
        boost_amount: 0.1,
      });
    await fixture.nyx.request('admin', 'PATCH', '/api/v1/motivational/states/idle_exploration', {
      is_active: true,
      urgency: 0,
      max_urgency: 1,
    });
    expect((await boost()).status).toBe(200);
    await allStatesAreHeard();
    // The answer of the change itself is such a read.
    const before = seen.texts.length;
    const all = await Promise.all(Array.from({ length: 20 }, listener));
    expect((await boost()).status).toBe(200);
    await until('all hear of it', () => all.every((heard) => heard.length > 0));
    expect(seen.texts.length - before).toBe(1);
    const { arbitration_score: _now, ...state } = await get<Heard['row']>('states/idle_exploration');
    expect(all[0]?.[0]?.row).toMatchObject(state);
    for (const heard of all) {
      expect(heard).toEqual([all[0]?.[0]]);
      expect(heard[0]?.event).toBe('state.changed');
    }
  } finally {
    seen.stop();
  }
});

it('tells nothing of what was rolled back or did not change', async () => {
  const heard = await listener();
  const tune = (body: object): Promise<Response> =>
    fixture.nyx.request('admin', 'PATCH', '/api/v1/motivational/states/maximize_coverage', body);
  await tune({ is_active: true, max_urgency: 0.5 });
  await until('the change is told', () => heard.length === 1);
  expect((await tune({ urgency: 0.9 })).status).toBe(400);
  expect((await tune({ is_active: true })).status).toBe(200);
  await tune({ is_active: false });
  await until('the next change is told', () => heard.length > 1);
  expect(heard.map(({ row }) => row.is_active)).toEqual([true, false]);
});

it('misses nothing when the listening connection is lost', async () => {
  const heard = await listener();
  const { database } = fixture;
  // What a writer commits while nobody listens: as when it happens before the connection is there again.
  const lost = await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nyx:listen' AND datname = current_database()`,
  );
  expect(lost).toHaveLength(1);
  await database.query(
    `UPDATE motivational_states SET urgency = 0.123, updated_at = clock_timestamp() WHERE motivation_type = 'idle_exploration'`,
  );
  await until('it is told', () =>
    heard.some(({ row }) => row.motivation_type === 'idle_exploration' && row.urgency === 0.123),
  );
  const told = heard.map(({ event, row }) => JSON.stringify([event, row.motivation_type ?? row.id, row.updated_at]));
  expect(new Set(told).size).toBe(told.length);
});

it('is for all who may read', async () => {
  expect(await refusalOf(connect(fixture.nyx.url, NAMESPACE, {}))).toMatchObject({ error_code: 'UNAUTHENTICATED' });
  for (const role of ['viewer', 'operator', 'admin'] as const)
    await connected(connect(fixture.nyx.url, NAMESPACE, { token: await fixture.nyx.token(role) }));
});
