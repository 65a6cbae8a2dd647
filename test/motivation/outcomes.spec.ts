import { RunningTasks } from '../../src/motivation/tasks/running-tasks.js';
import { TaskSettlement } from '../../src/motivation/tasks/task-settlement.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';
import { hearStatements } from '../support/statements.js';
import { Tasks } from './task-fixture.js';

const OTHER = 'idle_exploration';

let fixture: OrchestratorFixture;
let tasks: Tasks;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  tasks = new Tasks(fixture.nyx);
});
afterAll(() => fixture.close());
beforeEach(async () => {
  fixture.model.reset();
  await tasks.forget();
});

const workflow = (method: string, id: string, action: string): Promise<Response> =>
  fixture.nyx.request('operator', method, `/api/v1/orchestrator/workflows/${id}/${action}`);
const refusal = { status: 400, errorType: 'invalid_request_error', errorMessage: 'no' };

it('a workflow that ends well satisfies its motivation, by how well and how much it was wanted', async () => {
  const id = await tasks.spawn({ maxCostUsd: 0.5, score: 0.5 });
  const task = await tasks.ended(id);
  // 0.8 completed, 0.1 quick, 0.1 cheap; 0.4 × 1 × 0.5 × (0.5 + 0.5 / 2)
  expect(task).toMatchObject({
    status: 'completed',
    success: true,
    outcome_score: 1,
    outcome_category: 'success',
    satisfaction_gain: 0.15,
    workflow_id: id,
  });
  const state = await tasks.state();
  expect(state.satisfaction).toBeCloseTo(0.55, 12);
  expect(state).toMatchObject({ totalAttempts: 1, successCount: 1, failureCount: 0, successRate: 1 });
  expect(state.boostFactor).toBeCloseTo(state.baseBoostFactor + 0.05, 12);
  expect(state.lastSatisfiedAt).not.toBeNull();
  const [row] = await tasks.database.query<{ same: boolean; context: unknown }>(
    `SELECT t.started_at = w.started_at AND t.completed_at = w.completed_at AS same, t.context
       FROM motivational_tasks t JOIN workflows w ON w.id = t.id WHERE t.id = $1`,
    [id],
  );
  expect(row).toMatchObject({
    same: true,
    context: { outcome: { agents: 2, failed_agents: 0, max_cost_usd: 0.5 }, feedback: { success_rate: [0, 1] } },
  });
});

it('one that fails dissatisfies it, and a retry that succeeds later changes nothing more', async () => {
  fixture.model.script({ ...refusal, times: 1 });
  const id = await tasks.spawn({ score: 0.5 });
  const task = await tasks.ended(id);
  // −0.15 × (1 − 0.2) × 0.5 × 0.75
  expect(task).toMatchObject({ status: 'failed', success: false, outcome_score: 0.2, outcome_category: 'failure' });
  expect(task.satisfaction_gain).toBeCloseTo(-0.045, 12);
  const state = await tasks.state();
  expect(state).toMatchObject({ totalAttempts: 1, failureCount: 1, lastSatisfiedAt: null });

  expect((await workflow('POST', id, 'retry')).status).toBe(202);
  expect((await fixture.ended(id)).status).toBe('completed');
  // Another one that begins and ends after it shows that the listener had its chance.
  await tasks.ended(await tasks.spawn({ type: OTHER }));
  expect(await tasks.task(id)).toEqual(task);
  expect(await tasks.state()).toEqual(state);
});

it('a task is active from the moment at which its workflow begins', async () => {
  fixture.model.script({ hold: 'running' });
  const id = await tasks.spawn();
  const task = await tasks.untilStatus(id, 'active');
  expect(task.started_at).not.toBeNull();
  expect(task).toMatchObject({ completed_at: null, success: null, outcome_score: null, satisfaction_gain: null });
  fixture.model.release('running');
  expect((await tasks.ended(id)).started_at).toBe(task.started_at);
});

it('however many settle it at once, it is learned from once', async () => {
  const id = await tasks.spawn();
  await tasks.ended(id);
  for (let round = 2; round <= 6; round += 1) {
    await tasks.database.query(`UPDATE motivational_tasks SET status = 'active' WHERE id = $1`, [id]);
    const settlement = fixture.nyx.app.get(TaskSettlement);
    const settled = await Promise.all(Array.from({ length: 10 }, () => settlement.settle(id)));
    expect(settled.filter(Boolean).length).toBeLessThanOrEqual(1);
    await tasks.ended(id);
    expect((await tasks.state()).totalAttempts).toBe(round);
  }
});

it('a person who cancels it gives the feedback of a cancelled one', async () => {
  fixture.model.script({ hold: 'running' });
  const id = await tasks.spawn({ score: 0.5 });
  await tasks.untilStatus(id, 'active');
  expect((await workflow('POST', id, 'cancel')).status).toBe(202);
  expect(await tasks.ended(id)).toMatchObject({ status: 'cancelled', success: false, outcome_score: 0.1 });
  expect(await tasks.state()).toMatchObject({ totalAttempts: 1, failureCount: 1 });
  fixture.model.release('running');
});

it('one whose workflow was erased before it was heard of is over, and nothing is learned', async () => {
  fixture.model.script({ hold: 'running' });
  const before = await tasks.state();
  const asked = fixture.model.requests.length;
  const id = await tasks.spawn();
  // Nothing of it writes then, which would meet the deletion in another order.
  await until('it is at the model', () => fixture.model.requests.length > asked);
  await tasks.untilStatus(id, 'active');
  await tasks.database.transaction(async (tx) => {
    await tx.query(`UPDATE workflows SET status = 'failed', completed_at = now() WHERE id = $1`, [id]);
    await tx.query('DELETE FROM workflows WHERE id = $1', [id]);
  });
  const task = await tasks.ended(id);
  expect(task).toMatchObject({ status: 'cancelled', success: null, outcome_score: null, workflow_id: null });
  expect(await tasks.state()).toEqual(before);
  fixture.model.release('running');
});

it('an error while it learns leaves the task to the next look, which learns once', async () => {
  await tasks.database.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$`,
  );
  fixture.model.script({ hold: 'running' });
  const before = await tasks.state();
  const id = await tasks.spawn();
  await tasks.database.query(
    `CREATE TRIGGER refused BEFORE UPDATE OF outcome_score ON motivational_tasks FOR EACH ROW WHEN (OLD.id = '${id}')
       EXECUTE FUNCTION refuse()`,
  );
  fixture.model.release('running');
  await fixture.ended(id);
  const status = (): Promise<{ integration_active: boolean; status: { ended: number; error: string | null } }> =>
    tasks.get('/integration/status');
  await until('it says what is wrong', async () => !(await status()).integration_active);
  expect((await status()).status).toMatchObject({ ended: 1, error: `Task ${id} could not be settled.` });
  expect(await tasks.state()).toEqual(before);
  const other = await tasks.ended(await tasks.spawn({ type: OTHER }));
  expect(other).toMatchObject({ status: 'completed', success: true });
  expect((await tasks.task(id)).completed_at).toBeNull();
  await tasks.database.query('DROP TRIGGER refused ON motivational_tasks');
  expect(await tasks.ended(id)).toMatchObject({ status: 'completed' });
  expect(await tasks.state()).toMatchObject({ totalAttempts: 1 });
  await until('all is well again', async () => (await status()).integration_active);
});

describe('when the engine stops', () => {
  it('what runs is cancelled with its branches, and what ended meanwhile is no error', async () => {
    fixture.model.script({ match: { prompt: /<subtask>/ }, hold: 'running' });
    const branched = await tasks.spawn({
      prompt: 'Explore. [[subtasks:3]] [[parallel]]',
      executionContext: { execution_preferences: { strategy: 'parallel_execution', caching_strategy: 'disabled' } },
    });
    await until(
      'its branches run',
      () => fixture.model.requests.filter(({ prompt }) => prompt.includes('<subtask>')).length > 1,
    );
    const running = fixture.nyx.app.get(RunningTasks);
    const both = await Promise.all([running.cancelAll(), running.cancelAll()]);
    expect(both.toSorted()).toEqual([0, 1]);
    expect(await tasks.ended(branched)).toMatchObject({ status: 'cancelled' });
    const open = await tasks.database.query(
      `SELECT workflow_uuid FROM durable.workflow_status WHERE workflow_uuid LIKE $1 || '%' AND status IN ('PENDING', 'ENQUEUED')
       UNION ALL SELECT id::text FROM agents WHERE status IN ('spawned', 'active', 'waiting', 'coordinating')`,
      [branched],
    );
    expect(open).toEqual([]);
    expect(await running.cancelAll()).toBe(0);
    fixture.model.release('running');
  });

  it('what a person retried is cancelled too, although its task is over', async () => {
    fixture.model.script({ match: { prompt: 'Try and fail.' }, status: 400 });
    const id = await tasks.spawn({ prompt: 'Try and fail.' });
    expect(await tasks.ended(id)).toMatchObject({ status: 'failed' });
    fixture.model.reset();
    fixture.model.script({ match: { prompt: 'Try and fail.' }, hold: 'retried' });
    const path = `/api/v1/orchestrator/workflows/${id}/retry`;
    expect((await fixture.nyx.request('operator', 'POST', path)).status).toBe(202);
    await fixture.model.waitFor(1);
    expect(await fixture.nyx.app.get(RunningTasks).cancelAll()).toBe(1);
    expect((await fixture.ended(id)).status).toBe('cancelled');
    fixture.model.release('retried');
  });

  it('without being asked to, nothing is cancelled: it runs on to its feedback', async () => {
    fixture.model.script({ hold: 'running' });
    const id = await tasks.spawn();
    await tasks.untilStatus(id, 'active');
    fixture.model.release('running');
    expect(await tasks.ended(id)).toMatchObject({ status: 'completed', success: true });
  });
});

it('the workflows of people cost it no query', async () => {
  const id = await tasks.spawn();
  await tasks.ended(id);
  let count = 0;
  const stop = hearStatements(fixture.database, ({ text }) => {
    if (text.includes('motivational_tasks')) count += 1;
  });
  const beganMs = performance.now();
  for (let n = 0; n < 20; n += 1) await fixture.execute(`Question ${n}?`);
  const sweeps = Math.ceil((performance.now() - beganMs) / 2_000) + 1;
  stop();
  expect(count).toBeLessThanOrEqual(sweeps);
});
