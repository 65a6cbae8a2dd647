import fc from 'fast-check';
import { allHold, type Condition } from '../../src/orchestrator/triggers/condition.rules.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

interface Trigger {
  id: string;
  name: string;
  fired_count: number;
  swallowed_count: number;
  last_workflow_id: string | null;
  last_error: string | null;
}

interface Outcome {
  event_id: string;
  matched: number;
  workflows: { trigger_id: string; workflow_id: string }[];
  skipped: { trigger_id: string; reason: string }[];
}

interface Detail {
  input_type: string;
  goal: string;
  trigger_id: string;
  input: { content: Record<string, unknown> };
}

const TEMPLATE = { input_type: 'user_prompt', content: { prompt: 'Look at {{event.details.branch}} of {{where}}.' } };

let fixture: OrchestratorFixture;
beforeAll(async () => {
  // Each event that is told takes a connection, and many are told at once.
  fixture = await OrchestratorFixture.start({ database: { poolSize: 20 } });
});
afterAll(() => fixture.close());

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> =>
  fixture.nyx.request('operator', method, `/api/v1/orchestrator${path}`, body, headers);

async function make(eventType: string, more: Record<string, unknown> = {}): Promise<Trigger> {
  const body = {
    event_type: eventType,
    workflow_template: TEMPLATE,
    parameters: { where: '<{{event.source}}>' },
    ...more,
  };
  const answer = await send('POST', '/triggers', body);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Trigger;
}

async function tell(
  type: string,
  details: Record<string, unknown> = { branch: 'main' },
  headers?: Record<string, string>,
): Promise<Outcome> {
  const answer = await send('POST', '/events', { type, source: 'ci', details }, headers);
  expect(answer.status).toBe(202);
  return (await answer.json()) as Outcome;
}

const get = (id: string): Promise<Trigger> => fixture.get<Trigger>(`/triggers/${id}`);

async function fieldsOf(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { errors: { field: string }[] }).errors.map(({ field }) => field);
}

it('a trigger that continues what is not there keeps neither the event nor the others up', async () => {
  const other = await make('broken');
  const content = { parent_workflow_id: '{{event.details.branch}}' };
  const { id } = await make('broken', {
    workflow_template: { input_type: 'continuation_workflow', content },
    parameters: {},
  });
  const outcome = await tell('broken', { branch: '019ab0c4-0000-7000-8000-000000000001' });
  expect(outcome.workflows.map(({ trigger_id }) => trigger_id)).toEqual([other.id]);
  const reason = 'content.parent_workflow_id: names no workflow';
  expect(outcome.skipped).toEqual([{ trigger_id: id, reason }]);
  expect(await get(id)).toMatchObject({ last_error: reason, fired_count: 0, last_workflow_id: null });
});

it('an event starts a reaction of every trigger that matches, and keeps what came of it', async () => {
  const any = await make('deploy');
  const ofCi = await make('deploy', { source: 'ci', conditions: [{ path: 'branch', operator: 'eq', value: 'main' }] });
  await make('deploy', { source: 'elsewhere' });
  await make('deploy', { conditions: [{ path: 'branch', operator: 'eq', value: 'dev' }] });
  await make('deploy', { enabled: false });
  await make('deployed');
  const outcome = await tell('deploy');
  expect(outcome).toMatchObject({ matched: 2, skipped: [] });
  expect(outcome.workflows.map(({ trigger_id }) => trigger_id).sort()).toEqual([any.id, ofCi.id].sort());
  for (const { trigger_id, workflow_id } of outcome.workflows) {
    expect(await fixture.get<Detail>(`/workflows/${workflow_id}`)).toMatchObject({
      trigger_id,
      input_type: 'reactive_workflow',
      input: {
        content: {
          prompt: 'Look at main of <ci>.',
          trigger_event: { type: 'deploy', source: 'ci', details: { branch: 'main' } },
        },
      },
    });
    const listed = await fixture.get<{ items: { workflow_id: string }[] }>(`/workflows?trigger_id=${trigger_id}`);
    expect(listed.items.map((item) => item.workflow_id)).toEqual([workflow_id]);
    expect(await fixture.ended(workflow_id)).toMatchObject({ status: 'completed' });
    expect(await get(trigger_id)).toMatchObject({ fired_count: 1, last_workflow_id: workflow_id, last_error: null });
  }
  expect(await fixture.get(`/events/${outcome.event_id}`)).toMatchObject({ ...outcome, details: { branch: 'main' } });
  const { items } = await fixture.get<{ items: Outcome[] }>('/events?type=deploy');
  expect(items.map(({ event_id }) => event_id)).toEqual([outcome.event_id]);
});

it('what an event says is text, whatever it looks like', async () => {
  await make('sly');
  const { workflows } = await tell('sly', { branch: '{{where}} {{event.source}}' });
  const { goal } = await fixture.get<Detail>(`/workflows/${workflows[0]?.workflow_id ?? ''}`);
  expect(goal).toBe('Look at {{where}} {{event.source}} of <ci>.');
});

it('of many events at once the debounce lets one through, and counts the others', async () => {
  const { id } = await make('burst', { debounce_seconds: 3600 });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => tell('burst')));
  expect(outcomes.flatMap(({ workflows }) => workflows)).toHaveLength(1);
  expect(outcomes.flatMap(({ skipped }) => skipped)).toEqual(
    Array.from({ length: 7 }, () => ({ trigger_id: id, reason: 'debounced' })),
  );
  expect(await get(id)).toMatchObject({ fired_count: 1, swallowed_count: 7 });
  await fixture.database.query(`UPDATE triggers SET last_fired_at = now() - interval '3601 seconds' WHERE id = $1`, [
    id,
  ]);
  expect((await tell('burst')).workflows).toHaveLength(1);
});

it('without a debounce each of many events at once starts one, over triggers that share them', async () => {
  const ids = [(await make('flood')).id, (await make('flood')).id, (await make('flood')).id];
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => tell('flood')));
  expect(new Set(outcomes.flatMap(({ workflows }) => workflows.map(({ workflow_id }) => workflow_id))).size).toBe(18);
  for (const id of ids) expect((await get(id)).fired_count).toBe(6);
});

it('five tellings under one key are one event, also when its answer was lost', async () => {
  const { id } = await make('once');
  const headers = { 'idempotency-key': 'told once' };
  const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => tell('once', { branch: 'main' }, headers)));
  outcomes.forEach((outcome) => expect(outcome).toEqual(outcomes[0]));
  await fixture.database.query(
    `UPDATE idempotency_keys SET completed_at = NULL, response_status = NULL, claimed_at = '-infinity' WHERE key = 'told once'`,
  );
  expect(await tell('once', { branch: 'main' }, headers)).toEqual(outcomes[0]);
  expect((await get(id)).fired_count).toBe(1);
});

it('a template that cannot be filled is told, and stops no other trigger', async () => {
  const broken = await make('partial', { parameters: { where: '{{event.details.room}}' } });
  const sound = await make('partial', { debounce_seconds: 1 });
  const outcome = await tell('partial');
  expect(outcome.workflows.map(({ trigger_id }) => trigger_id)).toEqual([sound.id]);
  expect(outcome.skipped).toEqual([
    { trigger_id: broken.id, reason: expect.stringContaining('parameters.event.details.room') as string },
  ]);
  expect(await get(broken.id)).toMatchObject({ fired_count: 0, last_error: outcome.skipped[0]?.reason });
});

it('changes, disables and deletes', async () => {
  const { id } = await make('changing', { name: 'before' });
  const changed = await send('PATCH', `/triggers/${id}`, { name: 'after', source: 'nowhere' });
  expect(await changed.json()).toMatchObject({ name: 'after', source: 'nowhere' });
  expect((await tell('changing')).matched).toBe(0);
  await send('PATCH', `/triggers/${id}`, { source: '*', enabled: false });
  expect((await tell('changing')).matched).toBe(0);
  expect((await send('DELETE', `/triggers/${id}`)).status).toBe(204);
  expect((await send('GET', `/triggers/${id}`)).status).toBe(404);
});

const condition = (more: object): object => ({ conditions: [{ path: 'a', operator: 'eq', value: 1, ...more }] });

it.each([
  [{ event_type: '' }, ['event_type']],
  [condition({ operator: 'like' }), ['conditions.0.operator']],
  [condition({ path: 'a..b' }), ['conditions.0.path']],
  [condition({ path: 'a.b.c.d.e.f.g.h.i.j.k' }), ['conditions.0.path']],
  [condition({ value: {} }), ['conditions.0.value']],
  [condition({ value: undefined }), ['conditions.0.value']],
  [condition({ operator: 'gt', value: true }), ['conditions.0.value']],
  [condition({ operator: 'exists', value: 'yes' }), ['conditions.0.value']],
  [condition({ value: 'x'.repeat(1001) }), ['conditions.0.value']],
  [{ conditions: Array.from({ length: 21 }, () => ({ path: 'a', operator: 'exists' })) }, ['conditions']],
  [{ debounce_seconds: -1 }, ['debounce_seconds']],
  [{ debounce_seconds: 86_401 }, ['debounce_seconds']],
  [{ parameters: {} }, ['parameters.where']],
  [{ parameters: { where: 'x', 'event.source': 'y' } }, ['parameters.event.source']],
  [{ workflow_template: 'no-such' }, ['workflow_template']],
  [
    { workflow_template: { input_type: 'user_prompt', content: { prompt: ' ' } }, parameters: {} },
    ['workflow_template.content.prompt'],
  ],
])('refuses %j', async (wrong, fields) => {
  const body = { event_type: 'x', workflow_template: TEMPLATE, parameters: { where: 'x' }, ...wrong };
  expect(await fieldsOf(await send('POST', '/triggers', body))).toEqual(fields);
});

it.each([[{ source: 'x' }], [{ type: 'x' }], [{ type: 'x', source: '' }], [{ type: 'x', source: 'x', details: [] }]])(
  'refuses the event %j',
  async (body) => {
    expect((await send('POST', '/events', body)).status).toBe(400);
  },
);

describe('conditions', () => {
  const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
  const holds = (operator: Condition['operator'], found: unknown, value?: Condition['value']): boolean =>
    allHold([{ path: 'a.b', operator, value }], { a: { b: found } });

  it('exclude each other as their names say', () => {
    fc.assert(
      fc.property(scalar, scalar, (found, value) => {
        expect(holds('ne', found, value)).toBe(!holds('eq', found, value));
        const isOrdered = typeof found === typeof value && (typeof found === 'number' || typeof found === 'string');
        const orders = [holds('lt', found, value), holds('gt', found, value), isOrdered && holds('eq', found, value)];
        expect(orders.filter(Boolean)).toHaveLength(isOrdered ? 1 : 0);
        expect(holds('gte', found, value)).toBe(isOrdered && !holds('lt', found, value));
        expect(holds('lte', found, value)).toBe(isOrdered && !holds('gt', found, value));
      }),
    );
  });

  it('look only at what is really there', () => {
    expect(allHold([{ path: 'constructor.name', operator: 'exists' }], {})).toBe(false);
    expect(allHold([{ path: 'list.1', operator: 'eq', value: 'b' }], { list: ['a', 'b'] })).toBe(true);
    expect(allHold([{ path: 'a', operator: 'exists', value: false }], {})).toBe(true);
    expect(holds('contains', ['x', 1], 1)).toBe(true);
    expect(holds('contains', 'a needle here', 'needle')).toBe(true);
    expect(holds('contains', 12, 1)).toBe(false);
  });
});

it('starts at most 100 workflows an event, and comes to the others at the next', async () => {
  const made = new Set<string>();
  for (let count = 0; count < 103; count += 1) made.add((await make('many.match')).id);
  const started = new Set<string>();
  for (const { workflows, skipped } of [await tell('many.match'), await tell('many.match')]) {
    expect(workflows).toHaveLength(100);
    expect(skipped.map(({ reason }) => reason)).toEqual(Array(3).fill('over 100 triggers match'));
    for (const { trigger_id: id } of workflows) started.add(id);
  }
  expect(started).toEqual(made);
});
