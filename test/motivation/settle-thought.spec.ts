import { newId } from '../../src/database/ids.js';
import { ResolveUnfinishedTasks } from '../../src/motivation/motivations/resolve-unfinished-tasks.motivation.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { resultsIn, type ArrivedResult, type RecordedRequest } from '../support/model-server.js';
import { until } from '../support/until.js';
import { Tasks } from './task-fixture.js';

let fixture: OrchestratorFixture;
let tasks: Tasks;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  tasks = new Tasks(fixture.nyx);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const OLD = 'Old work that waits.';
const SETTLES = 'Settle it.';
const HAS_TOOL = { execution_preferences: { strategy: 'direct_execution', tools: ['settle_thought'] } };

interface Call {
  workflow_id: string;
  decision: string;
  reason: string;
}
const callOf = (id: string, decision: string): Call => ({
  workflow_id: id,
  decision,
  reason: 'Nobody came back to it.',
});

const control = async (id: string, what: string): Promise<number> =>
  (await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/${what}`)).status;
const status = (id: string) =>
  fixture.get<{ status: string; metadata: { paused: boolean } }>(`/workflows/${id}/status`);

const asked = (text: string): RecordedRequest[] => fixture.model.requests.filter(({ prompt }) => prompt.includes(text));

/** A workflow that a user began, in the middle of a call that is not answered before `release('old')`. */
async function oldWorkflow(isPaused: boolean): Promise<string> {
  const already = asked(OLD).length;
  fixture.model.script({ match: { prompt: OLD }, hold: 'old' });
  const id = await fixture.accept(OLD, { execution_preferences: { strategy: 'direct_execution', tools: [] } });
  await until('its call is under way', () => asked(OLD).length > already);
  if (isPaused) expect(await control(id, 'pause')).toBe(202);
  return id;
}

/** A model that makes these calls, one a turn, and is then done. */
const wants = (...calls: Call[]): void =>
  fixture.model.script(
    ...calls.map((input, index) => ({
      match: { prompt: SETTLES, turn: index + 1 },
      toolUses: [{ name: 'settle_thought', input: { ...input } }],
    })),
    { match: { prompt: SETTLES, turn: calls.length + 1 }, answer: 'Done with it.' },
  );

/** The task of a motivation that is about `target`, as the engine spawns it under `safety_enabled`. */
const settler = (target: string): Promise<string> =>
  tasks.spawn({ type: 'revisit_old_thoughts', target, prompt: SETTLES, executionContext: HAS_TOOL });

interface Approval {
  id: string;
  status: string;
  tool_name: string;
  risk: string;
  parameters: Call;
}
const approvals = async (id: string): Promise<Approval[]> =>
  (await fixture.get<{ items: Approval[] }>(`/workflows/${id}/approvals`)).items;

/** Answers the next question of the workflow. @returns what was asked */
async function answer(id: string, decision: 'approve' | 'reject' = 'approve'): Promise<Approval> {
  const pending = async () => (await approvals(id)).filter((each) => each.status === 'pending');
  await until('a person is asked', async () => (await pending()).length === 1);
  const [approval] = await pending();
  if (approval === undefined) throw new Error('Nobody was asked.');
  const path = `/api/v1/orchestrator/workflows/${id}/approvals/${approval.id}`;
  expect((await fixture.nyx.request('operator', 'POST', path, { decision })).status).toBe(200);
  return approval;
}

const offers = (): string[] =>
  asked(SETTLES)
    .flatMap(({ body }) => (body as { tools?: { name: string }[] }).tools ?? [])
    .map(({ name }) => name);

/** What the model was told of its calls. */
const results = (): ArrivedResult[] =>
  asked(SETTLES).flatMap(({ body }) => resultsIn((body as { messages: unknown }).messages));

const runs = (id: string) =>
  fixture.database.query<{ status: string; rule: string | null; error_message: string | null }>(
    'SELECT status, rule, error_message FROM tool_executions WHERE workflow_id = $1 ORDER BY started_at, id',
    [id],
  );

it('asks a person about exactly this call, and closes the old workflow after the answer', async () => {
  const old = await oldWorkflow(true);
  wants(callOf(old, 'close'));
  const id = await settler(`workflow:${old}`);
  await until('it has asked', async () => (await approvals(id)).length === 1);
  expect(offers()).toEqual(['settle_thought']);
  expect((await status(old)).status).toBe('in_progress');
  expect(await answer(id)).toMatchObject({
    tool_name: 'settle_thought',
    risk: 'write',
    parameters: callOf(old, 'close'),
  });
  await tasks.ended(id);
  expect((await status(old)).status).toBe('cancelled');
  expect(await runs(id)).toMatchObject([{ status: 'succeeded', rule: null }]);
  expect(results()).toMatchObject([{ isError: false }]);
  const { metadata } = await fixture.get<{ metadata: object }>(`/thought-trees/${old}`);
  const note = { task_id: id, decision: 'close', reason: 'Nobody came back to it.' };
  expect(metadata).toMatchObject({ settled_by_nyx: note });
});

it('leaves what it closed closed, and takes up what a person cancelled', async () => {
  const [closed, cancelled] = [await oldWorkflow(true), await oldWorkflow(true)];
  wants(callOf(closed, 'close'));
  const id = await settler(`workflow:${closed}`);
  await answer(id);
  await tasks.ended(id);
  await control(cancelled, 'cancel');
  const { rows } = await fixture.nyx.app.get(ResolveUnfinishedTasks).look(fixture.database);
  expect(rows.map((row) => row.id)).toContain(cancelled);
  expect(rows.map((row) => row.id)).not.toContain(closed);
});

it('lets the old workflow go on, and says the same when it is asked again', async () => {
  const old = await oldWorkflow(true);
  wants(callOf(old, 'resume'), { ...callOf(old.toUpperCase(), 'resume'), reason: 'Again.' });
  const id = await settler(`workflow:${old}`);
  await answer(id);
  await answer(id);
  await tasks.ended(id);
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: false } });
  expect((await runs(id)).map((run) => run.status)).toEqual(['succeeded', 'succeeded']);
  const types = await fixture.eventTypes(old);
  expect(types.filter((type) => type === 'workflow.resumed')).toHaveLength(1);
  fixture.model.release('old');
  expect((await fixture.ended(old)).status).toBe('completed');
});

it('does nothing that a person rejects', async () => {
  const old = await oldWorkflow(true);
  wants(callOf(old, 'close'));
  const id = await settler(`workflow:${old}`);
  await answer(id, 'reject');
  await tasks.ended(id);
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
  expect(await runs(id)).toMatchObject([{ status: 'refused', rule: 'approval_rejected' }]);
  await control(old, 'cancel');
});

it('closes twice as once, and cannot resume what is not paused, has ended or is gone', async () => {
  const old = await oldWorkflow(false);
  wants(callOf(old, 'resume'), callOf(old, 'close'), callOf(old, 'close'), callOf(old, 'resume'));
  const id = await settler(`workflow:${old}`);
  for (let asked = 0; asked < 4; asked += 1) await answer(id);
  await tasks.ended(id);
  expect(await runs(id)).toMatchObject([
    { status: 'failed', error_message: expect.stringContaining('is not paused') as unknown },
    { status: 'succeeded' },
    { status: 'succeeded' },
    { status: 'failed', error_message: expect.stringContaining('has ended as cancelled') as unknown },
  ]);
  const gone = newId();
  wants(callOf(gone, 'close'));
  const other = await settler(`workflow:${gone}`);
  await answer(other);
  await tasks.ended(other);
  expect(await runs(other)).toMatchObject([{ status: 'failed', error_message: `Workflow ${gone} does not exist.` }]);
});

it('touches no workflow but the one its task is about', async () => {
  const [mine, foreign] = [await oldWorkflow(true), await oldWorkflow(true)];
  wants(callOf(foreign, 'close'), callOf(foreign, 'resume'));
  const id = await settler(`workflow:${mine}`);
  await answer(id);
  await answer(id);
  await tasks.ended(id);
  expect(await runs(id)).toMatchObject([
    { status: 'refused', rule: 'not_its_target' },
    { status: 'refused', rule: 'not_its_target' },
  ]);
  for (const old of [mine, foreign]) {
    expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
    await control(old, 'cancel');
  }
});

it('is refused to a task that was not given it, also to one that only guesses its name', async () => {
  const old = await oldWorkflow(true);
  wants(callOf(old, 'close'));
  const task = { type: 'resolve_unfinished_tasks', target: `workflow:${old}`, prompt: SETTLES };
  const id = await tasks.spawn({ ...task, config: { safetyEnabled: false } });
  await tasks.ended(id);
  expect(await runs(id)).toMatchObject([{ status: 'refused', rule: 'not_in_allowance' }]);
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
  await control(old, 'cancel');
});

it('does not close what somebody let go on since its task was made', async () => {
  const old = await oldWorkflow(true);
  wants(callOf(old, 'close'));
  const id = await settler(`workflow:${old}`);
  await until('it has asked', async () => (await approvals(id)).length === 1);
  expect(await control(old, 'resume')).toBe(202);
  await answer(id);
  await tasks.ended(id);
  expect(await runs(id)).toMatchObject([
    { status: 'failed', error_message: expect.stringContaining('was touched') as unknown },
  ]);
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: false } });
  fixture.model.release('old');
  expect((await fixture.ended(old)).status).toBe('completed');
});

it('is nothing that workflows of users are told of, and refuses those that name it', async () => {
  const old = await oldWorkflow(true);
  fixture.model.script({ match: { prompt: SETTLES }, answer: 'No tool for it.' });
  await fixture.execute(SETTLES);
  await fixture.ended(await fixture.acceptAutonomous(SETTLES));
  expect(offers()).not.toContain('settle_thought');
  expect(offers()).toContain('memory');
  wants(callOf(old, 'close'));
  const { workflow_id: id } = await fixture.execute(SETTLES, HAS_TOOL);
  expect(await runs(id)).toMatchObject([{ status: 'refused', rule: 'not_its_target' }]);
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
  await control(old, 'cancel');
});

it('tells people which route is theirs, and wants its parameters right', async () => {
  const old = await oldWorkflow(true);
  const run = async (parameters: unknown) => {
    const body = { tool_name: 'settle_thought', parameters };
    const response = await fixture.nyx.request('admin', 'POST', '/api/v1/tools/execute', body);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  expect(await run(callOf(old, 'close'))).toMatchObject({
    status: 403,
    body: { error_code: 'TOOL_REFUSED', detail: expect.stringContaining(`/workflows/${old}/cancel`) as unknown },
  });
  expect((await run(callOf(old, 'resume'))).body.detail).toContain(`/workflows/${old}/resume`);
  for (const wrong of [{}, callOf('7', 'close'), callOf(old, 'erase'), { ...callOf(old, 'close'), reason: '' }]) {
    expect(await run(wrong)).toMatchObject({ status: 400, body: { error_code: 'VALIDATION_ERROR' } });
  }
  expect(await status(old)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
  await control(old, 'cancel');
});
