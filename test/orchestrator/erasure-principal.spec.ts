import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppConfig } from '../../src/config/app-config.js';
import { PrincipalErasure } from '../../src/orchestrator/keeping/principal-erasure.service.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';
import { traces } from './traces.js';

/** In every text of the principal, and in no other. */
const SECRET = 'zirconium';
/** Who did what, and what it cost, as far as it is known of calls that were aborted. */
const KEPT = ['public.audit_log', 'public.budget_scopes', 'public.llm_usage_rollups', 'public.llm_interactions'];

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

interface Waiting {
  readonly asks: string;
  readonly paused: string;
  readonly running: string;
  readonly queued: string;
  readonly pausedQueued: string;
}

/** Of each way to wait one, and one whose call is at the model, where it stays. */
async function makeThemWait(): Promise<Waiting> {
  const pause = async (id: string): Promise<void> => {
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/pause`);
    expect(answer.status).toBe(202);
  };
  const atTheModel = async (prompt: string, context: Record<string, unknown>): Promise<string> => {
    fixture.model.script({ match: { prompt }, hold: 'for ever' });
    const asked = fixture.model.requests.length;
    const id = await fixture.accept(prompt, context);
    await until('it is at the model', () => fixture.model.requests.length > asked);
    return id;
  };
  const review = { quality_settings: { require_human_review: true } };
  const asks = await fixture.accept(`Ask whether ${SECRET} is right.`, review);
  await until('it asks a person', async () => {
    const { items } = await fixture.get<{ items: unknown[] }>(`/workflows/${asks}/approvals`);
    return items.length === 1;
  });
  const paused = await atTheModel(`Plan ${SECRET}. Then compare it with tea.`, strategy('parallel_execution'));
  await pause(paused);
  const running = await atTheModel(`Say ${SECRET} slowly.`, strategy('direct_execution'));
  const one = { config_value: 1 };
  const path = '/api/v1/system/config/max_concurrent_workflows';
  expect((await fixture.nyx.request('admin', 'PUT', path, one)).status).toBe(200);
  const queued = await fixture.accept(`Wait for ${SECRET}.`);
  const pausedQueued = await fixture.accept(`Wait for more ${SECRET}.`);
  await pause(pausedQueued);
  return { asks, paused, running, queued, pausedQueued };
}

it('workflows of a principal that have not begun, or wait, are cancelled and erased with the others', async () => {
  const made = await makeThemWait();
  const ids = Object.values(made) as string[];
  const waiting = await fixture.database.query<{ id: string; principal_id: string }>(
    'SELECT id, principal_id FROM workflows WHERE started_at IS NULL ORDER BY created_at',
  );
  expect(waiting.map(({ id }) => id)).toEqual([made.queued, made.pausedQueued]);

  const principal = waiting[0]?.principal_id ?? '';
  const order = await fixture.nyx.request('admin', 'POST', `/api/v1/auth/users/${principal}/erase`);
  expect(order.status).toBe(202);
  const erasures = (): Promise<{ workflows: number }[]> =>
    fixture.database.query('SELECT workflows FROM erasures WHERE completed_at IS NOT NULL');
  await until('all is erased', async () => (await erasures()).length === 1, 40_000);
  expect(await erasures()).toEqual([{ workflows: ids.length }]);

  expect(Object.keys(await traces(fixture.database, SECRET))).toEqual([]);
  const calls = await fixture.database.query('SELECT status, prompt_text, response_text FROM llm_interactions');
  const aborted = { status: 'in_doubt', prompt_text: '', response_text: null };
  expect(calls).toEqual([aborted, aborted]);
  for (const id of ids) {
    const left = Object.keys(await traces(fixture.database, id));
    expect(left.filter((table) => !KEPT.includes(table))).toEqual([]);
  }
}, 120_000);

it('waits for a tool that runs: without its row it would be begun again', async () => {
  const { workspaceDir } = fixture.nyx.app.get(AppConfig);
  const work = (): Promise<boolean> => fixture.nyx.app.get(PrincipalErasure).work();
  const statuses = (): Promise<{ status: string; principal_id: string }[]> =>
    fixture.database.query('SELECT status, principal_id FROM tool_executions');
  const run = fixture.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
    tool_name: 'shell_command',
    parameters: { shell: true, command: 'echo begun >> runs.txt; until grep -q end runs.txt; do sleep 0.05; done' },
  });
  await until('it runs', async () => (await readFile(join(workspaceDir, 'runs.txt'), 'utf8').catch(() => '')) !== '');
  const [running] = await statuses();
  expect(running?.status).toBe('running');
  const order = `/api/v1/auth/users/${running?.principal_id ?? ''}/erase`;
  expect((await fixture.nyx.request('admin', 'POST', order)).status).toBe(202);
  await work();
  expect((await statuses()).map(({ status }) => status)).toEqual(['running']);
  const open = 'SELECT FROM erasures WHERE completed_at IS NULL';
  expect(await fixture.database.query(open)).toHaveLength(1);

  await appendFile(join(workspaceDir, 'runs.txt'), 'end\n');
  expect((await run).status).toBe(200);
  await until('all is erased', async () => {
    await work();
    return (await fixture.database.query(open)).length === 0;
  });
  expect(await statuses()).toEqual([]);
  expect(await readFile(join(workspaceDir, 'runs.txt'), 'utf8')).toBe('begun\nend\n');
}, 60_000);
