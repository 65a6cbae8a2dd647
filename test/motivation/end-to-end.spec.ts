import type { AuditPage } from '../../src/auth/audit/audit.dto.js';
import type { DecisionPage } from '../../src/motivation/engine/dto/decision.dto.js';
import type { MotivationalStateDto } from '../../src/motivation/states/dto/motivational-state.dto.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';
import type { RecentTask } from './task-fixture.js';

const TYPE = 'explore_recent_failure';
const OTHERS = [
  'resolve_unfinished_tasks',
  'refine_low_confidence',
  'maximize_coverage',
  'revisit_old_thoughts',
  'idle_exploration',
];

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fixture.nyx.request('admin', method, `/api/v1${path}`, body);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
const state = (): Promise<MotivationalStateDto> => call('GET', `/motivational/states/${TYPE}`);
const recentTasks = async (): Promise<RecentTask[]> =>
  (await call<{ recent_tasks: RecentTask[] }>('GET', '/motivational/tasks/recent')).recent_tasks;
/** What each evaluation made of it, the first first. */
const considered = async () =>
  (await call<DecisionPage>('GET', '/motivational/decisions?limit=200')).items
    .toReversed()
    .flatMap((decision) => decision.considered.filter(({ motivation_type: type }) => type === TYPE));

it('tools fail, NYX wants to know why, looks into it, and is satisfied; all of it can be seen', async () => {
  for (const type of OTHERS) await call('PATCH', `/motivational/states/${type}`, { is_active: false });
  let error = '';
  for (const path of ['first.txt', 'second.txt', 'third.txt']) {
    const run = await call<{ success: boolean; error_message: string }>('POST', '/tools/execute', {
      tool_name: 'file_operations',
      parameters: { operation: 'read_file', path },
    });
    expect(run.success).toBe(false);
    error = run.error_message;
  }
  expect(error).not.toBe('');
  const before = await state();
  expect(before).toMatchObject({ urgency: 0, total_attempts: 0, last_triggered: null });

  // A threshold that three failures pass within seconds; the usual one takes minutes.
  const config = { evaluation_interval: 1, min_arbitration_threshold: 0.002, test_mode: true };
  await call('POST', '/motivational/engine/start', config);
  await until('a task was spawned', async () => (await recentTasks()).length > 0, 40_000);
  const steps = await considered();
  const chosen = steps.findIndex((step) => step.chosen);
  const rising = steps.slice(0, chosen + 1).map((step) => [step.before.urgency, step.after.urgency]);
  expect(rising.length).toBeGreaterThan(1);
  expect(steps[0]).toMatchObject({ chosen: false, rejections: [{ reason: 'threshold' }] });
  expect(steps[chosen]?.score).toBeGreaterThanOrEqual(0.002);
  expect(steps[chosen]?.evidence?.rows).toMatchObject([{ kind: 'tool', id: 'file_operations' }]);

  const [spawned] = await recentTasks();
  const id = spawned?.task_id ?? '';
  expect(steps[chosen]?.task_id).toBe(id);
  expect(spawned).toMatchObject({ motivation_type: TYPE, target: 'tool:file_operations', workflow_id: id });
  expect(spawned?.generated_prompt).toContain('The tool file_operations failed 3 times');
  expect(spawned?.generated_prompt).toContain(error);
  expect(spawned?.evidence?.rows).toMatchObject([{ id: 'file_operations', failures: 3 }]);

  const { items: record } = await call<AuditPage>('GET', '/auth/audit?action=engineStartsWorkflow');
  expect(record).toMatchObject([
    { actor: { id: 'autonomous' }, target: `workflow_id=${id}`, method: '-', outcome: 'done', request_id: null },
  ]);

  expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true, origin: 'motivation' });
  const workflow = await fixture.get<{ goal: string }>(`/workflows/${id}`);
  expect(workflow.goal).toContain(`AUTONOMOUS: ${TYPE} - 1 tool failed`);
  expect(
    fixture.model.requests.some(({ prompt }) => prompt.includes('file_operations') && prompt.includes(error)),
  ).toBe(true);

  await until('its motivation has learned', async () => (await state()).total_attempts === 1);
  const after = await state();
  const [task] = await recentTasks();
  expect(task).toMatchObject({ status: 'completed', success: true, outcome_category: 'success' });
  expect(task?.satisfaction_gain).toBeGreaterThan(0);
  expect(after).toMatchObject({ success_count: 1, success_rate: 1 });
  expect(after.last_triggered).not.toBeNull();
  expect(after.last_satisfied).not.toBeNull();
  expect(after.boost_factor).toBeGreaterThan(before.boost_factor);
  const feedback = await call<object>('GET', `/motivational/feedback?motivation_type=${TYPE}`);
  expect(feedback).toMatchObject({
    total_tasks: 1,
    successful_tasks: 1,
    avg_satisfaction_gain: task?.satisfaction_gain,
  });

  // It is not asked again about what it has just looked into.
  const decided = (await considered()).length;
  await until('it was considered again', async () => (await considered()).length > decided + 4, 40_000);
  const last = (await considered()).at(-1);
  expect(last?.rejections.map(({ reason }) => reason)).toContain('no_evidence');
  expect(await recentTasks()).toHaveLength(1);
  expect(await call('POST', '/motivational/engine/stop', {})).toMatchObject({ status: 'stopped' });
}, 120_000);
