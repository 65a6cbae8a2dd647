import { resultsIn } from '../support/model-server.js';
import { OrchestratorFixture, uncached, type TreeNode } from './orchestrator-fixture.js';

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const retry = async (id: string) => {
  const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'No.' };
const succeeded = async (id: string): Promise<string[]> =>
  (
    await fixture.database.query<{ purpose: string }>(
      `SELECT purpose FROM llm_interactions WHERE workflow_id = $1 AND status = 'succeeded' ORDER BY request_timestamp`,
      [id],
    )
  ).map(({ purpose }) => purpose);
const statuses = ({ children }: TreeNode): string[] => children.map(({ status }) => status);

it('pays only for the subtask that failed and the synthesis, and then succeeds', async () => {
  fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, times: 1, ...refused });
  const failed = await fixture.execute('[[subtasks:3]]', uncached('parallel_execution'));
  const { workflow_id: id } = failed;
  expect(failed.success).toBe(false);
  expect(statuses(await fixture.tree(id)).sort()).toEqual(['completed', 'completed', 'failed']);
  expect((await succeeded(id)).sort()).toEqual(['plan', 'subtask', 'subtask', 'synthesis']);

  const before = fixture.model.requests.length;
  const both = await Promise.all([retry(id), retry(id)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 202]);
  const ended = await fixture.ended(id);
  expect(ended).toMatchObject({ status: 'completed', success: true });
  expect(ended.result.metadata).not.toHaveProperty('error');
  expect(fixture.model.requests.slice(before).map(({ prompt }) => /Part 2/.test(prompt))).toEqual([true, true]);
  expect(fixture.model.requests.length - before).toBe(2);
  expect((await succeeded(id)).slice(-2)).toEqual(['subtask', 'synthesis']);
  expect(statuses(await fixture.tree(id))).toEqual(['completed', 'completed', 'completed']);
  const types = await fixture.eventTypes(id);
  expect(types.filter((type) => type.startsWith('workflow.') && type !== 'workflow.progress')).toEqual([
    'workflow.started',
    'workflow.planned',
    'workflow.failed',
    'workflow.retried',
    'workflow.completed',
  ]);
  expect(ended.cost_usd).toBeGreaterThan(failed.cost_usd);
  expect((await retry(id)).status).toBe(409);
});

it('runs what was skipped after what it was skipped for', async () => {
  fixture.model.script({ match: { prompt: '<subtask>\nPart 1' }, times: 1, ...refused });
  const preferences = { strategy: 'sequential_decomposition', caching_strategy: 'disabled', failure_tolerance: 'low' };
  const { workflow_id: id } = await fixture.execute('[[subtasks:3]] [[chain]]', { execution_preferences: preferences });
  expect(statuses(await fixture.tree(id))).toEqual(['failed', 'cancelled', 'cancelled']);
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ success: true });
  expect(statuses(await fixture.tree(id))).toEqual(['completed', 'completed', 'completed']);
  expect((await succeeded(id)).sort()).toEqual(['plan', 'subtask', 'subtask', 'subtask', 'synthesis']);
});

it('asks anew where the answer itself was no use, and may fail again', async () => {
  // Three tries of the agent, and three of its retry.
  fixture.model.script({ times: 6, answer: 'Half a', stopReason: 'max_tokens' });
  const { workflow_id: id, success } = await fixture.execute('Go.', uncached('direct_execution'));
  expect(success).toBe(false);
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ status: 'failed' });
  fixture.model.script({ answer: 'A whole one.' });
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ success: true, result: { content: 'A whole one.' } });
  expect(fixture.model.requests).toHaveLength(7);
});

it('leaves a cancelled workflow cancelled, and knows no other', async () => {
  fixture.model.script({ hang: true });
  const id = await fixture.accept('Go.', uncached('direct_execution'));
  await fixture.model.waitFor(1);
  expect((await retry(id)).status).toBe(409);
  await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
  expect((await retry(id)).status).toBe(409);
  expect((await retry('019ab0c4-5d6e-7f80-9123-456789abcdef')).status).toBe(404);
});

it('runs a sub-orchestrator that was skipped after what it was skipped for', async () => {
  fixture.model.script({ match: { schema: 'subtasks', prompt: '<part>\nPart 1' }, times: 1, ...refused });
  const { workflow_id: id } = await fixture.execute(
    '[[subtasks:2]] [[chain]] [[decompose]]',
    uncached('recursive_decomposition', { resource_limits: { max_recursion_depth: 2 } }),
  );
  expect(statuses(await fixture.tree(id))).toEqual(['failed', 'cancelled']);
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ success: true });
  const tree = await fixture.tree(id);
  expect(statuses(tree)).toEqual(['completed', 'completed']);
  expect(tree.children[1]?.children.length).toBeGreaterThan(0);
});

it('tells an agent what a subtask brought that it had spawned and that was run again', async () => {
  const spawn = { name: 'spawn_subtask', input: { title: 'one', instructions: 'Do one.' } };
  const [whole, part] = ['Do the whole task', 'one subtask'];
  fixture.model.script(
    { match: { system: whole, turn: 1 }, toolUses: [spawn] },
    { match: { system: part }, answer: 'A part.' },
    { match: { system: part }, times: 1, ...refused },
    { match: { system: whole, turn: 2 }, answer: 'Done.' },
    { match: { system: whole, turn: 2 }, times: 1, ...refused },
  );
  const { workflow_id: id, success } = await fixture.execute('Have it done.', uncached('direct_execution'));
  expect(success).toBe(false);
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ success: true });
  const told = resultsIn((fixture.model.requests.at(-1)?.body as { messages?: unknown }).messages);
  expect(told[0]?.text).toMatch(/status="succeeded"[^]*A part\./);
});

it.each([
  ['whose decision failed', { skip: 9, times: 1 }],
  ['in which too few spoke', { times: 2 }],
])('goes on with a council %s', async (_, when) => {
  fixture.model.script({ ...when, ...refused });
  const { workflow_id: id, success } = await fixture.execute('[[subtasks:1]]', uncached('council_driven'));
  expect(success).toBe(false);
  expect((await retry(id)).status).toBe(202);
  expect(await fixture.ended(id)).toMatchObject({ success: true });
});
