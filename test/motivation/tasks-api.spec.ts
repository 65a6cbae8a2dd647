import { startApp, type TestApp } from '../support/app.js';
import { hearStatements, type Statement } from '../support/statements.js';
import { Tasks, type RecentTask } from './task-fixture.js';

let nyx: TestApp;
let tasks: Tasks;

interface FeedbackAnswer {
  total_tasks: number;
  [key: string]: unknown;
}

beforeAll(async () => {
  nyx = await startApp();
  tasks = new Tasks(nyx);
});
afterAll(() => nyx.close());
beforeEach(() => tasks.forget());

const ask = (path: string): Promise<Response> => nyx.request('viewer', 'GET', `/api/v1/motivational${path}`);

it('recent tasks come newest first, with why, and no more than asked for', async () => {
  const old = await tasks.write('idle_exploration', 2, true, 0.9, 0.1);
  const id = await tasks.spawn();
  await tasks.ended(id);
  const answer = await tasks.get<{ recent_tasks: RecentTask[]; count: number; limit: number }>('/tasks/recent');
  expect(answer).toMatchObject({ count: 2, limit: 10 });
  expect(answer.recent_tasks.map(({ task_id }) => task_id)).toEqual([id, old]);
  expect(answer.recent_tasks[0]).toMatchObject({
    motivation_type: 'explore_recent_failure',
    generated_prompt: 'Find out why http_request fails.',
    target: 'tool:http_request',
    evidence: { count: 1, rows: [{ kind: 'tool', id: 'http_request' }] },
    workflow_id: id,
  });
  expect((await tasks.get<{ count: number }>('/tasks/recent?limit=1')).count).toBe(1);
  const rest = await tasks.get<{ recent_tasks: RecentTask[] }>('/tasks/recent?limit=200&offset=1');
  expect(rest).toMatchObject({ count: 1, limit: 200, offset: 1, recent_tasks: [{ task_id: old }] });
});

it.each([
  '/tasks/recent?limit=0',
  '/tasks/recent?limit=201',
  '/tasks/recent?limit=-1',
  '/tasks/recent?limit=x',
  '/tasks/recent?offset=-1',
  '/feedback?days=0',
  '/feedback?days=366',
  '/feedback?days=1.5',
  '/feedback?motivation_type=',
  '/feedback?motivation_type=%00',
])('%s is refused', async (path) => {
  const answer = await ask(path);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error_code: 'VALIDATION_ERROR' });
});

it('feedback without a task is all zeros', async () => {
  expect(await tasks.get('/feedback')).toEqual({
    period_days: 7,
    total_tasks: 0,
    successful_tasks: 0,
    success_rate: 0,
    avg_outcome_score: 0,
    avg_satisfaction_gain: 0,
    by_motivation_type: {},
    motivation_filter: null,
  });
});

it('feedback adds up what ended in the time, by motivation', async () => {
  await tasks.write('idle_exploration', 1, true, 1, 0.1);
  await tasks.write('idle_exploration', 6, false, 0.2, -0.05);
  await tasks.write('explore_recent_failure', 3, true, 0.9, 0.3);
  await tasks.write('explore_recent_failure', 30, false, 0.1, -0.3);
  const idle = { count: 2, successes: 1, success_rate: 0.5, avg_outcome_score: 0.6, avg_satisfaction_gain: 0.025 };
  const explore = { count: 1, successes: 1, success_rate: 1, avg_outcome_score: 0.9, avg_satisfaction_gain: 0.3 };
  expect(await tasks.get('/feedback')).toMatchObject({
    total_tasks: 3,
    successful_tasks: 2,
    success_rate: expect.closeTo(2 / 3, 9) as number,
    avg_outcome_score: 0.7,
    by_motivation_type: { idle_exploration: idle, explore_recent_failure: explore },
  });
  expect((await tasks.get<FeedbackAnswer>('/feedback?days=365')).total_tasks).toBe(4);
  expect(await tasks.get('/feedback?motivation_type=idle_exploration&days=2')).toMatchObject({
    period_days: 2,
    total_tasks: 1,
    by_motivation_type: { idle_exploration: { count: 1 } },
    motivation_filter: 'idle_exploration',
  });
});

it('feedback of a motivation that did nothing is empty, and of one that there is not is 404', async () => {
  expect(await tasks.get('/feedback?motivation_type=maximize_coverage')).toMatchObject({
    total_tasks: 0,
    by_motivation_type: {},
  });
  const answer = await ask('/feedback?motivation_type=idle_explorations');
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error_code: 'NOT_FOUND' });
});

it('what runs of its own accord is counted', async () => {
  const quiet = await tasks.get('/integration/status');
  expect(quiet).toMatchObject({
    integration_active: true,
    polling_interval: 2,
    active_motivated_workflows: 0,
    motivation_breakdown: {},
    average_running_time_minutes: 0,
    longest_running_minutes: 0,
    status: { waiting: 0, running: 0, ended: 0, error: null },
  });
});

it.each([
  ['/tasks/recent', 'ix_motivational_tasks_spawned_at'],
  ['/integration/status', 'uq_motivational_tasks_active'],
  ['/feedback?days=3', 'ix_motivational_tasks_completed_at'],
])('%s is one query, by the index %s', async (path, index) => {
  for (let n = 0; n < 5; n += 1) await tasks.write('idle_exploration', n, true, 1, 0.1);
  await nyx.token('viewer');
  const seen: Statement[] = [];
  const stop = hearStatements(tasks.database, (statement) => {
    if (statement.text.includes('motivational_tasks')) seen.push(statement);
  });
  await tasks.get(path);
  stop();
  const [statement] = seen;
  // A sweep may have come between.
  expect(new Set(seen.map(({ text }) => text)).size).toBeLessThanOrEqual(path === '/integration/status' ? 1 : 2);
  const asked = path === '/integration/status' ? statement : seen.find(({ text }) => text.includes('$1'));
  await tasks.database.transaction(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off');
    const rows = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${asked?.text ?? ''}`, asked?.values);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
  });
});
