import type { AuditEntryView, AuditPage } from '../../src/auth/audit/audit.dto.js';
import { verifyChain } from '../../src/auth/audit/audit-chain.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

const TEMPLATE = { input_type: 'user_prompt', content: { prompt: 'Say hello.' } };

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

async function made<T>(path: string, body: object, headers?: Record<string, string>): Promise<T> {
  const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/${path}`, body, headers);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function entries(action: string): Promise<AuditEntryView[]> {
  const answer = await fixture.nyx.request('admin', 'GET', `/api/v1/auth/audit?action=${action}&limit=200`);
  return ((await answer.json()) as AuditPage).items;
}

interface Outcome {
  readonly workflows: readonly { readonly trigger_id: string; readonly workflow_id: string }[];
}
const tell = (type: string, headers?: Record<string, string>): Promise<Outcome> =>
  made('events', { type, source: 'ci', details: {} }, headers);

const OWNER = { username: 'operator', kind: 'user', role: 'operator' };

it('has on record what a schedule starts: for its owner, by which', async () => {
  const { id } = await made<{ id: string }>('schedules', { schedule: '0 0 1 1 *', workflow_template: TEMPLATE });
  await fixture.database.query(`UPDATE schedules SET next_fire_at = now() WHERE id = $1`, [id]);
  await fixture.database.query(`SELECT pg_notify('nyx_schedules', 'test')`);
  await until('it fired', async () => (await entries('scheduleStartsWorkflow')).length > 0);
  const [entry] = await entries('scheduleStartsWorkflow');
  const { items } = await fixture.get<{ items: { workflow_id: string }[] }>(`/workflows?schedule_id=${id}`);
  expect(entry).toMatchObject({
    actor: OWNER,
    method: '-',
    path: `/api/v1/orchestrator/schedules/${id}`,
    target: `workflow_id=${items[0]?.workflow_id}`,
    outcome: 'done',
    address: null,
    request_id: null,
  });
});

it('has on record what triggers start: for their owner, by which, at whose request', async () => {
  const trigger = { event_type: 'one.event', workflow_template: TEMPLATE };
  const ids = [await made<{ id: string }>('triggers', trigger), await made<{ id: string }>('triggers', trigger)];
  const { workflows } = await tell('one.event', { 'x-request-id': 'told-here' });
  const found = (await entries('triggerStartsWorkflow')).filter(({ request_id }) => request_id === 'told-here');
  expect(found).toHaveLength(2);
  for (const { id } of ids) {
    const started = workflows.find(({ trigger_id }) => trigger_id === id);
    expect(found).toContainEqual(
      expect.objectContaining({
        actor: expect.objectContaining(OWNER) as unknown,
        path: `/api/v1/orchestrator/triggers/${id}`,
        target: `workflow_id=${started?.workflow_id}`,
      }),
    );
  }
});

it('has on record what a caller has executed, also where that only registers a schedule', async () => {
  const run = await made<{ workflow_id: string }>('workflows/execute', TEMPLATE);
  const registered = await made<{ workflow_id: string }>('workflows/execute', {
    input_type: 'scheduled_workflow',
    content: { trigger: { type: 'time_based', schedule: '0 0 1 1 *' }, workflow_template: TEMPLATE },
  });
  const found = await entries('executeWorkflow');
  for (const { workflow_id: id } of [run, registered]) {
    const entry = { actor: OWNER, method: 'POST', outcome: 'done' };
    expect(found.filter(({ target }) => target === `workflow_id=${id}`)).toMatchObject([entry]);
  }
});

it('starts what is told at once without one waiting for the other in a circle, and the chain holds', async () => {
  for (let n = 0; n < 3; n += 1) await made('triggers', { event_type: 'many', workflow_template: TEMPLATE });
  for (let n = 0; n < 3; n += 1) await made('triggers', { event_type: 'others', workflow_template: TEMPLATE });
  const before = (await entries('triggerStartsWorkflow')).length;
  // On a machine that is busy some find no connection in time: those start nothing.
  const told = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => tell(n % 2 === 0 ? 'many' : 'others')));
  const started = told.flatMap((one) => (one.status === 'fulfilled' ? one.value.workflows : []));
  expect(started.length).toBeGreaterThan(0);
  expect((await entries('triggerStartsWorkflow')).length - before).toBe(started.length);
  expect(await verifyChain(fixture.database)).toMatchObject({ brokenAt: undefined });
  const [row] = await fixture.database.query<{ deadlocks: number }>(
    'SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(row).toEqual({ deadlocks: 0 });
});

it('has nothing on record where nothing was started', async () => {
  const { id } = await made<{ id: string }>('triggers', { event_type: 'refused', workflow_template: TEMPLATE });
  const broken = { input_type: 'nothing that is known', content: {} };
  await fixture.database.query('UPDATE triggers SET template_request = $2 WHERE id = $1', [id, broken]);
  const before = (await entries('triggerStartsWorkflow')).length;
  expect((await tell('refused')).workflows).toEqual([]);
  expect(await entries('triggerStartsWorkflow')).toHaveLength(before);
});
