import { OrchestratorFixture } from './orchestrator-fixture.js';

interface Spent {
  readonly kind: string;
  readonly spent: number;
}

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  fixture.model.reset();
  await fixture.database.query('TRUNCATE budget_ledger, budget_scopes');
});

const spent = (): Promise<Spent[]> =>
  fixture.database.query<Spent>('SELECT kind, spent_usd::float AS spent FROM budget_scopes ORDER BY kind');

it('a workflow counts in its own budget, in its principal’s and in the system’s', async () => {
  const { cost_usd: cost } = await fixture.execute('What is a pen?');
  expect(cost).toBeGreaterThan(0);
  const kinds = ['principal_day', 'system_day', 'system_month', 'workflow'];
  expect(await spent()).toEqual(kinds.map((kind) => ({ kind, spent: cost })));
});

it('a workflow that nobody asked for counts in the autonomous budget too', async () => {
  const id = await fixture.acceptAutonomous('What is a pen?');
  await fixture.ended(id);
  const { cost_usd: cost } = await fixture.get<{ cost_usd: number }>(`/workflows/${id}`);
  expect(cost).toBeGreaterThan(0);
  expect(await spent()).toContainEqual({ kind: 'autonomous_day', spent: cost });
});

it('a workflow that takes the day past 80 % of its budget says so, in its events, and goes on', async () => {
  await fixture.execute('What is a pen?');
  await fixture.database.query(`UPDATE budget_scopes SET spent_usd = 45 WHERE kind = 'system_day'`);
  const { workflow_id: id, success } = await fixture.execute('What is a clip?');
  expect(success).toBe(true);
  const events = await fixture.database.query<{ type: string; data: unknown }>(
    'SELECT type, data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
    [id],
  );
  const warnings = events.filter(({ type }) => type === 'budget.warning');
  expect(warnings).toMatchObject([{ data: { scope: 'system_day', key: '', limit_usd: 50, used_percentage: 90 } }]);
  expect(events.at(-1)?.type).toBe('workflow.completed');
});

it('a limit that an admin sets for a workflow is the one that the workflow shows', async () => {
  const { workflow_id: id } = await fixture.execute('What is a pen?');
  const { items } = (await (
    await fixture.nyx.request('viewer', 'GET', '/api/v1/llm/budgets?kind=workflow')
  ).json()) as { items: { id: string; key: string }[] };
  const scope = items.find(({ key }) => key === id);
  await fixture.nyx.request('admin', 'PATCH', `/api/v1/llm/budgets/${scope?.id ?? ''}`, { limit_usd: 7 });
  expect(await fixture.get(`/workflows/${id}`)).toMatchObject({ budget: { limit_usd: 7 } });
});
