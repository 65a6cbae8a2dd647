import { resultsIn } from '../support/model-server.js';
import { until } from '../support/until.js';
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
  // The council over it decides nothing.
  fixture.model.script({ match: { schema: 'vote' }, ...refused });
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

describe('a sub-orchestrator whose share ran out', () => {
  /** Its agents cost so much, each. */
  const execute = (outputTokens: number) => {
    fixture.model.script({ match: { system: 'one subtask', prompt: '<part>' }, answer: 'Dear.', outputTokens });
    const limits = { max_cost_usd: 2, max_concurrent_agents: 1, max_recursion_depth: 2, max_subtasks: 8 };
    const context = uncached('recursive_decomposition', { resource_limits: limits });
    return fixture.execute('[[subtasks:6]] [[decompose:1]]', context);
  };

  it('has a new one of what the workflow has left', async () => {
    const { workflow_id: id, metadata } = await execute(500_000);
    expect(metadata.error).toContain('the share of a sub-orchestrator');
    fixture.model.reset();
    expect((await retry(id)).status).toBe(202);
    const ended = await fixture.ended(id);
    expect(ended).toMatchObject({ success: true });
    expect(ended.cost_usd).toBeLessThan(2);
  });

  it('has nothing while the workflow has nothing, and a share of what an admin allows it then', async () => {
    const { workflow_id: id, metadata } = await execute(5_000_000);
    expect(metadata).toMatchObject({ error_code: 'BUDGET_EXCEEDED' });
    const asked = fixture.model.requests.length;
    expect((await retry(id)).status).toBe(202);
    expect(await fixture.ended(id)).toMatchObject({ success: false });
    expect(fixture.model.requests).toHaveLength(asked);

    const budgets = await fixture.nyx.request('viewer', 'GET', '/api/v1/llm/budgets?kind=workflow');
    const { items } = (await budgets.json()) as { items: { id: string; key: string }[] };
    const scope = items.find(({ key }) => key === id)?.id ?? '';
    await fixture.nyx.request('admin', 'PATCH', `/api/v1/llm/budgets/${scope}`, { limit_usd: 4 });
    fixture.model.reset();
    expect((await retry(id)).status).toBe(202);
    const ended = await fixture.ended(id);
    expect(ended).toMatchObject({ success: true });
    expect(ended.cost_usd).toBeLessThan(4);
  });
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

const step = (id: string, dependencies: string[] = []) => ({
  id,
  title: `Step ${id}`,
  instructions: `Do ${id}.`,
  dependencies,
  kind: 'content_generation',
});
const plan = (...subtasks: object[]) => ({ match: { schema: 'subtasks' }, answer: { subtasks } });
const fails = (title: string, times?: number) => ({
  match: { system: 'one subtask', prompt: `<subtask>\n${title}` },
  ...(times !== undefined && { times }),
  ...refused,
});
/** Which subtasks were asked for from a request on. */
const subtasksAsked = (from: number): string[] =>
  fixture.model.requests
    .slice(from)
    .flatMap(({ prompt, system }) =>
      system.includes('one subtask') ? (/<subtask>\n(.+)/.exec(prompt)?.[1] ?? []) : [],
    );

describe.each(['sequential_decomposition', 'parallel_execution'])('a retry of %s', (strategyName) => {
  it.each([
    ['the first, others are independent', [step('a'), step('b'), step('c')], 'a', ['Step a']],
    ['one in the middle, one depends on the first', [step('a'), step('b'), step('c', ['a'])], 'b', ['Step b']],
    ['one that another depends on', [step('a'), step('b'), step('c', ['a'])], 'a', ['Step a', 'Step c']],
  ])('repeats no subtask that has its result: %s', async (_, subtasks, failing, again) => {
    fixture.model.script(plan(...subtasks), fails(`Step ${failing}`, 1));
    const preferences = { strategy: strategyName, caching_strategy: 'disabled', failure_tolerance: 'medium' };
    // A council over what another needs decides nothing.
    fixture.model.script({ match: { schema: 'vote' }, ...refused });
    const { workflow_id: id, success } = await fixture.execute('Go.', { execution_preferences: preferences });
    expect(success).toBe(false);
    const before = fixture.model.requests.length;
    expect((await retry(id)).status).toBe(202);
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(subtasksAsked(before).sort()).toEqual(again);
    const tree = await fixture.tree(id);
    expect(statuses(tree)).toEqual(['completed', 'completed', 'completed']);
    for (const { agents } of tree.children) expect(agents.map(({ status }) => status)).toEqual(['completed']);
  });
});

it('keeps all failures of a sequence over two retries', async () => {
  fixture.model.script(plan(step('a'), step('b'), step('c')), fails('Step a', 1), fails('Step b', 2));
  const { workflow_id: id } = await fixture.execute('Go.', uncached('sequential_decomposition'));
  expect(statuses(await fixture.tree(id))).toEqual(['failed', 'failed', 'completed']);
  const [first] = [fixture.model.requests.length, await retry(id)];
  expect(await fixture.ended(id)).toMatchObject({ success: false });
  expect(statuses(await fixture.tree(id))).toEqual(['completed', 'failed', 'completed']);
  expect(subtasksAsked(first)).toEqual(['Step a', 'Step b']);
  const [second] = [fixture.model.requests.length, await retry(id)];
  expect(await fixture.ended(id)).toMatchObject({ success: true });
  expect(subtasksAsked(second)).toEqual(['Step b']);
  const agents = (await fixture.tree(id)).children.flatMap((child) => child.agents.map(({ status }) => status));
  expect(agents).toEqual(['completed', 'completed', 'completed']);
});

it('does not plan anew what was done directly for want of a plan', async () => {
  fixture.model.script({ match: { schema: 'subtasks' }, answer: { subtasks: [] } });
  fixture.model.script({ match: { schema: false }, times: 1, ...refused });
  const { workflow_id: id, success } = await fixture.execute('Go.', uncached('parallel_execution'));
  expect(success).toBe(false);
  const before = fixture.model.requests.length;
  expect((await retry(id)).status).toBe(202);
  const ended = await fixture.ended(id);
  expect(ended).toMatchObject({ success: true });
  expect(ended.result.metadata.warnings.join()).toContain('Executed directly');
  expect(fixture.model.requests.length - before).toBe(1);
  const { agents } = await fixture.tree(id);
  expect(agents.map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
});

it('has again the time that its goal allows, no more', async () => {
  fixture.model.script({ hold: 'again' }, { times: 1, ...refused });
  const content = { goal: { objective: 'Go.', budget_constraints: { max_execution_time_hours: 0.5 } } };
  const context = uncached('direct_execution');
  const answer = await fixture.send({ input_type: 'goal_workflow', content, execution_context: context });
  const { workflow_id: id, success } = (await answer.json()) as { workflow_id: string; success: boolean };
  expect(success).toBe(false);
  expect((await retry(id)).status).toBe(202);
  const [row] = await fixture.database.query<{ minutes: number }>(
    'SELECT extract(epoch FROM deadline_at - updated_at)::float8 / 60 AS minutes FROM workflows WHERE id = $1',
    [id],
  );
  fixture.model.release('again');
  await fixture.ended(id);
  expect(row?.minutes).toBeLessThanOrEqual(30);
});

it('takes back the warnings of what runs again, and no others', async () => {
  fixture.model.script({ match: { system: 'synthesising agent' }, times: 1, ...refused });
  const context = uncached('parallel_execution', { resource_limits: { max_recursion_depth: 50 } });
  const { workflow_id: id, success, metadata } = await fixture.execute('[[subtasks:2]]', context);
  expect(success).toBe(false);
  const [standing, ...failed] = metadata.warnings;
  expect(standing).toContain('max_recursion_depth');
  expect(failed).toEqual(['the results of the subtasks were not synthesised']);
  expect((await retry(id)).status).toBe(202);
  const ended = await fixture.ended(id);
  expect(ended.success).toBe(true);
  expect(ended.result.metadata.warnings).toEqual([standing]);
});

describe('a workflow that failed by its rules, whose end is written and whose function has not succeeded yet', () => {
  const rules = [{ name: 'long', type: 'min_length', characters: 1_000, blocking: true }];
  let id: string;

  beforeEach(async () => {
    const failed = await fixture.execute(
      'Go.',
      uncached('direct_execution', { quality_settings: { validation_rules: rules } }),
    );
    expect(failed.metadata).toMatchObject({ error_code: 'VALIDATION_FAILED' });
    id = failed.workflow_id;
    await until('its function has succeeded', async () => (await durableStatus()) === 'SUCCESS');
    // As its last moment leaves it, of an executor that is still there.
    await fixture.database.query(
      `UPDATE durable.workflow_status SET status = 'PENDING', owner_xid = 'its' WHERE workflow_uuid = $1`,
      [id],
    );
  });

  const durableStatus = async (): Promise<string | undefined> =>
    (
      await fixture.database.query<{ status: string }>(
        'SELECT status FROM durable.workflow_status WHERE workflow_uuid = $1',
        [id],
      )
    )[0]?.status;

  it('is not begun again', async () => {
    expect((await retry(id)).status).toBe(409);
    expect(await fixture.get(`/workflows/${id}`)).toMatchObject({ status: 'failed' });
  });

  it('keeps its function when it is too late to cancel it', async () => {
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    expect(answer.status).toBe(409);
    expect(await durableStatus()).toBe('PENDING');
  });
});

it('says in the document that repeating it answers 200', async () => {
  const document = (await (await fetch(`${fixture.nyx.url}/openapi.json`)).json()) as {
    paths: Record<string, { post: { responses: Record<string, unknown> } }>;
  };
  const route = document.paths['/api/v1/orchestrator/workflows/{id}/retry'];
  expect(Object.keys(route?.post.responses ?? {}).filter((status) => status.startsWith('2'))).toEqual(['200', '202']);
});
