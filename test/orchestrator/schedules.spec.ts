import { AppConfig } from '../../src/config/app-config.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { ScheduleClock } from '../../src/orchestrator/schedules/schedule-clock.service.js';
import { Schedules } from '../../src/orchestrator/schedules/schedules.service.js';
import { StartRecord } from '../../src/orchestrator/workflows/start-record.js';
import { WorkflowAcceptance } from '../../src/orchestrator/workflows/workflow-acceptance.service.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

interface Schedule {
  id: string;
  name: string;
  status: string;
  schedule: string;
  timezone: string;
  principal_id: string;
  next_fire_times: string[];
  last_fire_at: string | null;
  last_workflow_id: string | null;
  last_error: string | null;
}

interface Item {
  workflow_id: string;
  origin: string;
  schedule_id: string | null;
  goal: string;
}

const SCHEDULES = '/api/v1/orchestrator/schedules';
const TEMPLATE = { input_type: 'user_prompt', content: { prompt: 'Say {{word}}.' } };
/** Never due while a test runs. */
const YEARLY = {
  schedule: '0 0 1 1 *',
  timezone: 'Europe/Berlin',
  workflow_template: TEMPLATE,
  parameters: { word: 'hi' },
};

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> =>
  fixture.nyx.request('operator', method, `${SCHEDULES}${path}`, body, headers);

async function make(more: Record<string, unknown> = {}): Promise<Schedule> {
  const answer = await send('POST', '', { ...YEARLY, ...more });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Schedule;
}

const get = (id: string): Promise<Schedule> => fixture.get<Schedule>(`/schedules/${id}`);

const firedBy = async (id: string): Promise<Item[]> =>
  (await fixture.get<{ items: Item[] }>(`/workflows?schedule_id=${id}&limit=200`)).items;

async function firstFiredBy(id: string): Promise<Item> {
  const [item] = await firedBy(id);
  if (item === undefined) throw new Error(`Schedule ${id} fired nothing.`);
  return item;
}

/** Moves the clock of one schedule, and has a clock look. */
async function dueSince(id: string, seconds: number): Promise<void> {
  await fixture.database.query(
    `UPDATE schedules SET next_fire_at = date_trunc('second', now()) - make_interval(secs => $2) WHERE id = $1`,
    [id, seconds],
  );
  await fixture.database.query(`SELECT pg_notify('nyx_schedules', 'test')`);
}

const isLater = (time = ''): boolean => time > new Date().toISOString();

const movedOn = (id: string): Promise<void> =>
  until(`schedule ${id} moved on`, async () => isLater((await get(id)).next_fire_times[0]));

async function fieldsOf(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { errors: { field: string }[] }).errors.map(({ field }) => field);
}

it('shows a schedule with its next fires in the zone, changes and deletes it', async () => {
  const made = await make({ name: 'New year' });
  expect(made).toMatchObject({ name: 'New year', status: 'active', timezone: 'Europe/Berlin', last_fire_at: null });
  expect(made.next_fire_times).toHaveLength(5);
  expect(made.next_fire_times.every((at) => at.endsWith('-12-31T23:00:00.000Z'))).toBe(true);
  const changed = await send('PATCH', `/${made.id}`, { timezone: 'UTC', schedule: '30 0 6 1 1 *' });
  expect(((await changed.json()) as Schedule).next_fire_times[0]).toMatch(/-01-01T06:00:30.000Z$/);
  const { items } = await fixture.get<{ items: Schedule[] }>('/schedules?limit=1');
  expect(items.map(({ id }) => id)).toEqual([made.id]);
  expect((await send('DELETE', `/${made.id}`)).status).toBe(204);
  expect((await send('GET', `/${made.id}`)).status).toBe(404);
  expect((await send('DELETE', `/${made.id}`)).status).toBe(404);
});

it('a due slot starts one workflow of its owner, which says so', async () => {
  const { id, principal_id } = await make();
  await dueSince(id, 5);
  await until('the slot fired', async () => (await firedBy(id)).length === 1);
  const item = await firstFiredBy(id);
  expect(item).toMatchObject({ origin: 'schedule', schedule_id: id, goal: 'Say hi.' });
  expect(await fixture.ended(item.workflow_id)).toMatchObject({ status: 'completed' });
  expect(await get(id)).toMatchObject({ last_workflow_id: item.workflow_id, last_error: null });
  const [row] = await fixture.database.query<{ principal_id: string }>(
    'SELECT principal_id FROM workflows WHERE id = $1',
    [item.workflow_id],
  );
  expect(row?.principal_id).toBe(principal_id);
});

it('missed fires: one for all of them, or none', async () => {
  // On a day of the month that is far from today: no slot is due but the missed ones.
  const monthly = { schedule: `0 0 ${((new Date().getUTCDate() + 13) % 28) + 1} * *` };
  const once = await make({ ...monthly, missed_fires: 'run_once' });
  const skip = await make({ ...monthly, missed_fires: 'skip' });
  await dueSince(once.id, 300 * 86_400);
  await dueSince(skip.id, 300 * 86_400);
  await movedOn(once.id);
  await movedOn(skip.id);
  expect(await firedBy(once.id)).toHaveLength(1);
  expect(await firedBy(skip.id)).toEqual([]);
});

it('says why it cannot continue a workflow that is not there, and moves on to its next slot', async () => {
  const content = { parent_workflow_id: '019ab0c4-0000-7000-8000-000000000001' };
  const { id } = await make({ workflow_template: { input_type: 'continuation_workflow', content }, parameters: {} });
  await dueSince(id, 5);
  await movedOn(id);
  expect(await firedBy(id)).toEqual([]);
  const last_error = 'workflow_template.content.parent_workflow_id: names no workflow';
  expect(await get(id)).toMatchObject({ last_error, last_fire_at: null, last_workflow_id: null });
  expect(await fieldsOf(await send('POST', `/${id}/run`))).toEqual(['workflow_template.content.parent_workflow_id']);
});

it('shows a schedule that fires once in decades', async () => {
  const { next_fire_times: times } = await make({ schedule: '0 0 29 2 */7', timezone: 'UTC' });
  expect(times.slice(0, 2)).toEqual(['2032-02-29T00:00:00.000Z', '2060-02-29T00:00:00.000Z']);
});

it('a slot that was put back fires no second time', async () => {
  const { id } = await make();
  const again = (): Promise<unknown> =>
    fixture.database.query(`UPDATE schedules SET next_fire_at = $2 WHERE id = $1`, [id, slot]);
  const slot = new Date(Math.floor(Date.now() / 1000) * 1000 - 2000);
  for (let round = 0; round < 2; round += 1) {
    await again();
    await fixture.database.query(`SELECT pg_notify('nyx_schedules', 'test')`);
    await movedOn(id);
  }
  expect(await firedBy(id)).toHaveLength(1);
});

it('fires at its next slot again after the clock of the database went forward and came back', async () => {
  const [awake, paused] = [await make(), await make()];
  await send('POST', `/${paused.id}/pause`);
  const farAway = new Date(Date.UTC(new Date().getUTCFullYear() + 9, 0, 1));
  await fixture.database.query('UPDATE schedules SET next_fire_at = $2 WHERE id = ANY($1)', [
    [awake.id, paused.id],
    farAway,
  ]);
  const { app } = fixture.nyx;
  const clock = new ScheduleClock(
    fixture.database,
    app.get(Schedules),
    app.get(WorkflowAcceptance),
    app.get(AppConfig),
    app.get(StartRecord),
    app.get(Notifications),
  );
  try {
    clock.onApplicationBootstrap();
    await until('the slot is near', async () => (await get(awake.id)).next_fire_times[0] !== farAway.toISOString());
  } finally {
    await clock.onModuleDestroy();
  }
  expect((await get(awake.id)).next_fire_times).toEqual(awake.next_fire_times);
  const rows = await fixture.database.query('SELECT next_fire_at FROM schedules WHERE id = $1', [paused.id]);
  expect(rows).toEqual([{ next_fire_at: farAway }]);
});

it('paused nothing fires, resumed nothing of the pause does, and run now works all the same', async () => {
  const { id } = await make({ missed_fires: 'run_once' });
  const other = await make();
  const paused = (await (await send('POST', `/${id}/pause`)).json()) as Schedule;
  expect(paused).toMatchObject({ status: 'paused', next_fire_times: [] });
  await dueSince(id, 3600);
  await dueSince(other.id, 1);
  await until('the other fired', async () => (await firedBy(other.id)).length === 1);
  expect(await firedBy(id)).toHaveLength(0);
  const resumed = (await (await send('POST', `/${id}/resume`)).json()) as Schedule;
  expect(resumed.status).toBe('active');
  expect(isLater(resumed.next_fire_times[0])).toBe(true);
  await send('POST', `/${id}/pause`);
  const headers = { 'idempotency-key': 'run now' };
  const runs = await Promise.all([1, 2, 3, 4, 5].map(() => send('POST', `/${id}/run`, undefined, headers)));
  expect(runs.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const ids = await Promise.all(runs.map(async (run) => ((await run.json()) as { workflow_id: string }).workflow_id));
  expect((await firedBy(id)).map(({ workflow_id }) => workflow_id)).toEqual([ids[0]]);
  expect(new Set(ids).size).toBe(1);
});

it('a template that can no longer be run is told on the schedule, and stops no other', async () => {
  const template = { name: 'short-lived', ...TEMPLATE };
  const stored = await fixture.nyx.request('operator', 'POST', '/api/v1/orchestrator/workflow-templates', template);
  const { id: templateId } = (await stored.json()) as { id: string };
  const broken = await make({ workflow_template: 'short-lived' });
  const sound = await make();
  await fixture.nyx.request('operator', 'DELETE', `/api/v1/orchestrator/workflow-templates/${templateId}`);
  await dueSince(broken.id, 6);
  await dueSince(sound.id, 5);
  await until('the sound one fired', async () => (await firedBy(sound.id)).length === 1);
  await movedOn(broken.id);
  expect((await get(broken.id)).last_error).toMatch(/there is no template "short-lived"/);
  expect(await firedBy(broken.id)).toHaveLength(0);
  expect(await fieldsOf(await send('POST', `/${broken.id}/run`))).toEqual(['workflow_template']);
  await send('PATCH', `/${broken.id}`, { workflow_template: TEMPLATE });
  expect((await send('POST', `/${broken.id}/run`)).status).toBe(202);
  expect((await get(broken.id)).last_error).toBeNull();
});

it('five creations at once under one key make one schedule', async () => {
  const headers = { 'idempotency-key': 'five at once' };
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send('POST', '', { ...YEARLY, name: 'five' }, headers)));
  const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Schedule).id));
  expect(new Set(ids).size).toBe(1);
  const [row] = await fixture.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM schedules WHERE name = 'five'`,
  );
  expect(row?.n).toBe(1);
});

it.each([
  [{ schedule: '61 * * * *' }, ['schedule']],
  [{ schedule: '0 0 30 2 *' }, ['schedule']],
  [{ timezone: 'Mars/Olympus' }, ['timezone']],
  [{ schedule: 'x', timezone: 'x' }, ['schedule', 'timezone']],
  [{ parameters: {} }, ['parameters.word']],
  [{ parameters: { word: 'a', wurd: 'b' } }, ['parameters.wurd']],
  [{ workflow_template: 'nobody-stored-this' }, ['workflow_template']],
  [{ workflow_template: { input_type: 'user_prompt' } }, ['workflow_template.content']],
  [{ workflow_template: { ...TEMPLATE, priority: 'banana' } }, ['workflow_template.priority']],
  [{ workflow_template: { ...TEMPLATE, nonsense: 1 } }, ['workflow_template.nonsense']],
  [
    { workflow_template: { ...TEMPLATE, execution_context: { resource_limits: { max_cost_usd: 0 } } } },
    ['workflow_template.execution_context.resource_limits.max_cost_usd'],
  ],
  [
    {
      workflow_template: { input_type: 'scheduled_workflow', content: { trigger: { schedule: '* * * * *' } } },
      parameters: {},
    },
    ['workflow_template'],
  ],
])('refuses %j', async (wrong, fields) => {
  const count = (): Promise<unknown> => fixture.database.query('SELECT count(*) FROM schedules');
  const before = await count();
  expect(await fieldsOf(await send('POST', '', { ...YEARLY, ...wrong }))).toEqual(fields);
  expect(await count()).toEqual(before);
});

describe('a scheduled_workflow', () => {
  const content = {
    trigger: { type: 'time_based', schedule: '0 9 * * mon', timezone: 'America/New_York' },
    workflow_template: TEMPLATE,
    parameters: { word: 'moin' },
    name: 'Mondays',
  };
  const execute = (given: unknown, headers?: Record<string, string>): Promise<Response> =>
    fixture.send({ input_type: 'scheduled_workflow', content: given }, headers);

  it('registers its schedule and is complete with that, once for one key', async () => {
    const headers = { 'idempotency-key': 'register' };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => execute(content, headers)));
    const bodies = await Promise.all(answers.map(async (answer) => (await answer.json()) as Record<string, unknown>));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const [first] = bodies;
    bodies.forEach((body) => expect(body).toEqual(first));
    const metadata = first?.metadata as { schedule_id: string; next_fire_times: string[] };
    expect(first).toMatchObject({ success: true, cost_usd: 0 });
    expect(first?.content).toContain('Mondays');
    const schedule = await get(metadata.schedule_id);
    expect(schedule).toMatchObject({ name: 'Mondays', schedule: '0 9 * * mon', timezone: 'America/New_York' });
    expect(schedule.next_fire_times).toEqual(metadata.next_fire_times);
    expect(await fixture.eventTypes(first?.workflow_id as string)).toEqual(['workflow.started', 'workflow.completed']);
    expect(await firedBy(schedule.id)).toEqual([]);
  });

  it('keeps the limits that stand beside its template or prompt for each of its fires', async () => {
    const own = {
      execution_context: { resource_limits: { max_cost_usd: 0.25 } },
      domain_context: { field: 'bees' },
      priority: 'high',
    };
    const { trigger } = content;
    const prompt = { trigger, prompt: 'Count bees.', technical_requirements: ['Use a net.'], name: 'Bees' };
    for (const given of [{ ...content, workflow_template: { ...TEMPLATE, priority: 'low' } }, prompt]) {
      const answer = await fixture.send({ input_type: 'scheduled_workflow', content: given, ...own });
      const { metadata } = (await answer.json()) as { metadata: { schedule_id: string } };
      const run = await send('POST', `/${metadata.schedule_id}/run`);
      const { workflow_id: id } = (await run.json()) as { workflow_id: string };
      const workflow = await fixture.get<{ input: Record<string, unknown> }>(`/workflows/${id}`);
      expect(workflow).toMatchObject({ priority: 'high', budget: { limit_usd: 0.25 } });
      expect(workflow.input).toMatchObject({ domain_context: own.domain_context });
      if (given === prompt) expect(workflow.input.content).toMatchObject({ technical_requirements: ['Use a net.'] });
      await fixture.ended(id);
    }
  });

  it('with a schedule refuses limits that are wrong, and those beside a stored template, which would not hold', async () => {
    const scheduled = (workflow_template: unknown, more: object): Promise<Response> =>
      fixture.send({ input_type: 'scheduled_workflow', content: { ...content, workflow_template }, ...more });
    const limits = (max_cost_usd: number): object => ({ execution_context: { resource_limits: { max_cost_usd } } });
    expect(await fieldsOf(await scheduled(TEMPLATE, limits(0)))).toEqual([
      'execution_context.resource_limits.max_cost_usd',
    ]);
    expect(await fieldsOf(await scheduled('some-template', { ...limits(1), priority: 'high' }))).toEqual([
      'execution_context',
      'priority',
    ]);
    const usual = { priority: 'normal', urgency: 'normal', execution_context: {} };
    expect(await fieldsOf(await scheduled('some-template', usual))).toEqual(['content.workflow_template']);
  });

  it('runs its template now without a schedule', async () => {
    const answer = await execute({ workflow_template: TEMPLATE, parameters: { word: 'now' } });
    expect(answer.status).toBe(200);
    const { workflow_id: id } = (await answer.json()) as { workflow_id: string };
    expect((await fixture.get<Item>(`/workflows/${id}`)).goal).toBe('Say now.');
  });

  it.each([
    ['names no workflow', false],
    ['names a workflow that has not ended', true],
  ])('refuses a template whose parent %s by its place in the template', async (message, isKnown) => {
    fixture.model.script({ match: { prompt: 'Hang.' }, hold: 'parent' });
    const parent = await fixture.accept('Hang.');
    const continuation = { parent_workflow_id: isKnown ? parent : '019ab0c4-5d6e-7f80-9123-456789abcdef' };
    const template = { input_type: 'continuation_workflow', content: continuation };
    const answer = await execute({ workflow_template: template });
    fixture.model.release('parent');
    await fixture.ended(parent);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'content.workflow_template.content.parent_workflow_id', message }],
    });
  });

  it.each([
    [{ ...content, trigger: { schedule: 'nonsense' } }, ['content.trigger.schedule']],
    [{ ...content, trigger: { schedule: 5 } }, ['content.trigger.schedule']],
    [{ ...content, trigger: { schedule: '* * * * *', timezone: 'Nowhere' } }, ['content.trigger.timezone']],
    [{ ...content, trigger: { type: 'lunar', schedule: '* * * * *' } }, ['content.trigger.type']],
    [{ ...content, parameters: {} }, ['content.parameters.word']],
    [{ ...content, workflow_template: 'no-such' }, ['content.workflow_template']],
    [{ ...content, workflow_template: undefined }, ['content.workflow_template']],
    [{ ...content, workflow_template: [] }, ['content.workflow_template']],
  ])('refuses %j and stores nothing', async (wrong, fields) => {
    const counts = (): Promise<unknown> =>
      fixture.database.query('SELECT (SELECT count(*) FROM schedules) AS s, (SELECT count(*) FROM workflows) AS w');
    const before = await counts();
    expect(await fieldsOf(await execute(wrong))).toEqual(fields);
    expect(await counts()).toEqual(before);
  });
});
