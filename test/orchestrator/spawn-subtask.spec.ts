import { resultsIn } from '../support/model-server.js';
import { until } from '../support/until.js';
import { refusalOf, readSpawn } from '../../src/orchestrator/run/spawn.rules.js';
import type { WorkflowRun } from '../../src/orchestrator/run/workflow-run.js';
import { OrchestratorFixture, strategy, uncached, type TreeNode } from './orchestrator-fixture.js';

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const spawn = (title: string, more: Record<string, unknown> = {}) => ({
  name: 'spawn_subtask',
  input: { title, instructions: `Do ${title}.`, ...more },
});
const DIRECT = 'Do the whole task';
const CHILD = 'one subtask';

const resultsOfLast = (system: string) => {
  const last = fixture.model.requests.filter((request) => request.system.includes(system)).at(-1);
  return resultsIn((last?.body as { messages?: unknown } | undefined)?.messages);
};
const offers = (system: string): string[][] =>
  fixture.model.requests
    .filter((request) => request.system.includes(system))
    .map(({ body }) => ((body as { tools?: { name: string }[] }).tools ?? []).map(({ name }) => name));

interface Transitions {
  transitions: { status: string }[];
}
const statusesOf = ({ agents }: TreeNode): string[] =>
  (agents[0]?.state as unknown as Transitions).transitions.map(({ status }) => status);

describe('an agent that delegates', () => {
  it('has its parts done at once, each a thought below its own, and goes on with their results', async () => {
    fixture.model.script(
      { match: { system: DIRECT, turn: 1 }, toolUses: [spawn('one'), spawn('two', { kind: 'content_summary' })] },
      { match: { system: DIRECT, turn: 2 }, answer: 'Both are done.' },
      { match: { system: CHILD }, answer: 'A part.\n<confidence>0.9</confidence>', hold: 'both' },
    );
    const id = await fixture.accept('Have it done.');
    // Both ask their model before either is answered.
    while (fixture.model.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    const meanwhile = await fixture.tree(id);
    expect(meanwhile.agents).toMatchObject([{ status: 'coordinating' }]);
    fixture.model.release('both');
    const { result, cost_usd: costUsd } = await fixture.ended(id);
    expect(result).toMatchObject({ success: true, content: 'Both are done.' });
    const tree = await fixture.tree(id);
    expect(tree.children.map(({ goal, status, metadata: { kind } }) => [goal, status, kind])).toEqual([
      ['one', 'completed', 'subtask_execution'],
      ['two', 'completed', 'content_summary'],
    ]);
    expect(tree.tool_executions).toMatchObject([
      { tool_name: 'spawn_subtask', success: true, agent_id: tree.agents[0]?.id },
      { tool_name: 'spawn_subtask', success: true },
    ]);
    expect(statusesOf(tree)).toEqual([
      ...['spawned', 'active', 'waiting', 'coordinating', 'waiting', 'active', 'completed'],
    ]);
    const told = resultsOfLast(DIRECT).map(({ text }) => text);
    expect(told).toHaveLength(2);
    for (const text of told) {
      expect(text).toMatch(/^<tool_output_\w+ tool="spawn_subtask" status="succeeded">[^]*A part\./);
      expect(text).not.toContain('confidence');
    }
    expect(costUsd).toBe(fixture.model.totalChargedUsd().toNumber());
    const events = await fixture.database.query(
      `SELECT data->>'agent_status' AS status FROM workflow_events WHERE workflow_id = $1 AND data ? 'agent_status' ORDER BY seq`,
      [id],
    );
    expect(events).toEqual([{ status: 'waiting' }, { status: 'coordinating' }, { status: 'waiting' }]);
  });

  it.each([
    ['that lay for longer than a duration can be', '-26 days', 2_147_483_647],
    ['that began later than now, for the clock was set back', '1 hour', 0],
  ])('has a result also of a part %s', async (_, moved, durationMs) => {
    fixture.model.script(
      { match: { system: DIRECT, turn: 1 }, toolUses: [spawn('one')] },
      { match: { system: DIRECT, turn: 2 }, answer: 'It is done.' },
      { match: { system: CHILD }, answer: 'A part.', hold: 'part' },
    );
    const id = await fixture.accept('Have it done.');
    await until('the part is asked for', () => fixture.model.requests.length === 2);
    await fixture.database.query(
      'UPDATE thought_trees SET created_at = created_at + $2::interval WHERE parent_id = $1',
      [id, moved],
    );
    fixture.model.release('part');
    expect(await fixture.ended(id)).toMatchObject({ result: { success: true, content: 'It is done.' } });
    const executions = await fixture.database.query('SELECT duration_ms FROM tool_executions WHERE workflow_id = $1', [
      id,
    ]);
    expect(executions).toEqual([{ duration_ms: durationMs }]);
  });

  it('is told which limit keeps it from it, and that its call makes no sense', async () => {
    fixture.model.script(
      { match: { system: DIRECT, turn: 1 }, toolUses: [spawn('one'), spawn('two'), spawn('three', { kind: 'magic' })] },
      { match: { system: DIRECT, turn: 2 }, answer: 'As far as it went.' },
      { match: { system: CHILD, turn: 1 }, toolUses: [spawn('deeper')] },
      { match: { system: CHILD, turn: 2 }, answer: 'I did it myself.' },
    );
    const { workflow_id: id, success } = await fixture.execute('Have it done.', {
      resource_limits: { max_subtasks: 1, max_recursion_depth: 1 },
    });
    expect(success).toBe(true);
    const [one, two, three] = resultsOfLast(DIRECT).map(({ text }) => text);
    expect(one).toContain('I did it myself.');
    expect(two).toMatch(/status="refused"[^]*max_subtasks 1/);
    expect(three).toMatch(/status="refused"[^]*kind must be one of/);
    expect(resultsOfLast(CHILD)[0]?.text).toMatch(/status="refused"[^]*max_recursion_depth 1/);
    // Where depth does not allow it, it is not even offered.
    expect(offers(DIRECT)[0]).toContain('spawn_subtask');
    expect(offers(CHILD)[0]).not.toContain('spawn_subtask');
    const tree = await fixture.tree(id);
    expect(tree.children.map(({ children }) => children.length)).toEqual([0]);
  });

  it('is told of a part that failed, and goes on', async () => {
    fixture.model.script(
      { match: { system: DIRECT, turn: 1 }, toolUses: [spawn('one')] },
      { match: { system: DIRECT, turn: 2 }, answer: 'It failed.' },
      { match: { system: CHILD }, status: 401 },
    );
    expect(await fixture.execute('Have it done.')).toMatchObject({ success: true, content: 'It failed.' });
    expect(resultsOfLast(DIRECT)[0]?.text).toMatch(/status="failed"[^]*The subtask has no result\./);
  });

  it('is stopped when it asks for the same again and again, and the same comes of it', async () => {
    fixture.model.script(
      { match: { system: DIRECT }, toolUses: [spawn('one')] },
      { match: { system: DIRECT, turn: 4 }, answer: 'Enough.' },
      { match: { system: CHILD }, answer: 'A part.' },
    );
    const { metadata } = await fixture.execute('Have it done.');
    expect(metadata.warnings.join()).toContain('it made the same call 3 times with the same result');
  });

  it('has no more agents at work with its parts than the workflow may have', async () => {
    const subtasks = ['a', 'b'].map((id) => ({ ...PLANNED, id, title: `Step ${id}` }));
    fixture.model.script(
      { match: { schema: 'subtasks' }, answer: { subtasks } },
      { match: { system: CHILD, turn: 1 }, toolUses: [spawn('one'), spawn('two'), spawn('three')] },
      { match: { system: CHILD, turn: 2 }, answer: 'With help.' },
      { match: { system: CHILD, prompt: /Do (one|two|three)\./ }, answer: 'Helped.', delayMs: 60 },
    );
    const { success } = await fixture.execute(
      'Have it done.',
      uncached('parallel_execution', { resource_limits: { max_concurrent_agents: 2 } }),
    );
    expect(success).toBe(true);
    const calls = fixture.model.requests.map(({ at, endedAt }) => ({
      from: Date.parse(at),
      to: Date.parse(endedAt ?? ''),
    }));
    const atOnce = calls.map(({ from }) => calls.filter((each) => each.from <= from && from < each.to).length);
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(2);
    expect(calls).toHaveLength(12);
  });

  it('may be a subtask itself', async () => {
    fixture.model.script(
      { match: { system: CHILD, turn: 1, prompt: 'Step' }, toolUses: [spawn('below')] },
      { match: { system: CHILD, turn: 2 }, answer: 'With help.' },
      { match: { system: CHILD, prompt: 'Do below.' }, answer: 'Helped.' },
      { match: { schema: 'subtasks' }, answer: { subtasks: [{ ...PLANNED }] } },
    );
    const { workflow_id: id, success } = await fixture.execute('Have it done.', strategy('sequential_decomposition'));
    expect(success).toBe(true);
    const [planned] = (await fixture.tree(id)).children;
    expect(planned?.children.map(({ goal, status }) => [goal, status])).toEqual([['below', 'completed']]);
    const depths = await fixture.database.query(
      `SELECT t.depth, a.current_recursion_depth AS agent FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
        WHERE t.root_id = $1 AND t.goal = 'below'`,
      [id],
    );
    expect(depths).toEqual([{ depth: 2, agent: 2 }]);
  });
});

const PLANNED = { id: 'a', title: 'Step', instructions: 'Go.', dependencies: [], kind: 'content_generation' };

describe('a call that asks for a subtask', () => {
  const run = (more: object = {}): WorkflowRun =>
    ({
      ...{ thoughtId: 't', depth: 0, maxDepth: 2, settings: { maxSubtasks: 2 } },
      ...{ toolAllowance: { tools: undefined, isReadOnly: false }, ...more },
    }) as unknown as WorkflowRun;

  it.each([
    [run(), 't', 1, undefined],
    [run(), 't', 2, 'max_subtasks'],
    [run(), 'child', 0, undefined],
    [run({ depth: 1 }), 'child', 0, 'max_recursion_depth'],
    [run({ toolAllowance: { isReadOnly: true } }), 't', 0, 'not_allowed'],
    [run({ toolAllowance: { tools: ['notes'], isReadOnly: false } }), 't', 0, 'not_allowed'],
    [run({ toolAllowance: { tools: ['spawn_subtask'], isReadOnly: false } }), 't', 0, undefined],
  ])('is allowed or refused by a rule %#', (of, thoughtId, spawned, rule) => {
    expect(refusalOf(of, thoughtId, spawned)?.rule).toBe(rule);
  });

  it.each([
    null,
    'x',
    {},
    { title: ' ', instructions: 'x' },
    { title: 'x', instructions: 1 },
    { title: 'x', instructions: 'x', more: 1 },
  ])('is none: %j', (input) => {
    expect(readSpawn(input)).toMatchObject({ rule: 'invalid_parameters' });
  });
});
