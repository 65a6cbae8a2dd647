import { until } from '../support/until.js';
import { OrchestratorFixture, type ExecuteAnswer, type TreeNode } from './orchestrator-fixture.js';

const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'That cannot be done.' };
/** The plan of the orchestrator that takes Part 1 on. */
const planBelowFails = { match: { schema: 'subtasks', prompt: '<part>\nPart 1' }, ...refused };
const fails = (title: string, times?: number) => ({
  match: { system: 'one subtask', prompt: `<subtask>\n${title}` },
  ...(times !== undefined && { times }),
  ...refused,
});
const votes = (option: string) => ({
  match: { schema: 'vote' },
  answer: { vote: option, reason: 'It is best.', confidence: 0.8 },
});
const step = (id: string, dependencies: string[] = [], more: object = {}) => ({
  ...{ id, title: `Step ${id}`, instructions: `Do ${id}.`, dependencies, kind: 'content_generation' },
  ...more,
});
const whole = (id: string, dependencies: string[] = []) => step(id, dependencies, { decompose: false });
const plan = (...subtasks: object[]) => ({ match: { schema: 'subtasks' }, answer: { subtasks } });

/** Part 1 is decomposed, and Part 2 needs it. */
const PARTS = '[[subtasks:2]] [[chain]] [[decompose:1]]';
const context = (tolerance: string, strategy = 'recursive_decomposition'): Record<string, unknown> => ({
  execution_preferences: { strategy, caching_strategy: 'disabled', failure_tolerance: tolerance },
  resource_limits: { max_recursion_depth: 2, max_concurrent_agents: 6 },
});

const statuses = ({ children }: TreeNode): string[] => children.map(({ status }) => status);
const all = (node: TreeNode): TreeNode[] => [node, ...node.children.flatMap(all)];
/** Those over failed subtasks. */
const councilsOf = (tree: TreeNode): { chosen: string | null }[] =>
  all(tree).flatMap(({ metadata }) =>
    Object.entries((metadata.councils ?? {}) as Record<string, { chosen: string | null }>).flatMap(([name, council]) =>
      name.startsWith('failed-') ? [council] : [],
    ),
  );

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const early = async (id: string): Promise<string[]> =>
  (
    await fixture.database.query<{ name: string }>(
      `SELECT data->'adaptation'->>'name' AS name FROM workflow_events WHERE workflow_id = $1 AND data ? 'adaptation' ORDER BY seq`,
      [id],
    )
  ).map(({ name }) => name);
const failedEvents = async (id: string, thoughtId: string | undefined): Promise<number> =>
  (
    await fixture.database.query(
      `SELECT 1 FROM workflow_events WHERE workflow_id = $1 AND type = 'thought.failed' AND data->>'thought_id' = $2`,
      [id, thoughtId],
    )
  ).length;
const retried = async (id: string) => {
  const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
  expect(answer.status).toBe(202);
  return fixture.ended(id);
};
const agendas = (): string[] =>
  fixture.model.requests.flatMap(({ prompt }) => /The subtask "(.+?)" has failed/.exec(prompt)?.[1] ?? []);

describe('a sub-orchestrator that has failed', () => {
  const executed = async (tolerance = 'medium'): Promise<[ExecuteAnswer, TreeNode]> => {
    const result = await fixture.execute(PARTS, context(tolerance));
    return [result, await fixture.tree(result.workflow_id)];
  };

  it('has its subtask tried again by an agent that is told of it, when a council decides so', async () => {
    fixture.model.script(planBelowFails, votes('retry_differently'));
    const [result, tree] = await executed();
    expect(result).toMatchObject({ success: true, metadata: { agents: { active: 0 } } });
    expect(statuses(tree)).toEqual(['completed', 'completed']);
    const [first] = tree.children;
    expect(councilsOf(tree)).toEqual([expect.objectContaining({ chosen: 'retry_differently' })]);
    expect(first?.agents.map(({ status }) => status)).toEqual(['failed', 'completed']);
    const again = first?.llm_interactions.find(({ purpose }) => purpose === 'subtask-again-2')?.prompt_text;
    expect(again).toContain('That cannot be done.');
    expect(await failedEvents(result.workflow_id, first?.id)).toBe(0);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('is done without when a council decides so', async () => {
    fixture.model.script(planBelowFails, votes('skip'));
    const [result, tree] = await executed();
    expect(result.success).toBe(true);
    expect(result.metadata.warnings.join()).toContain('Without the results of 1 of 2 subtasks (Part 1)');
    expect(statuses(tree)).toEqual(['cancelled', 'completed']);
    expect(tree.children[0]).toMatchObject({ metadata: { dispensable: true } });
  });

  it('ends the workflow early when a council decides so, and a retry begins it again', async () => {
    fixture.model.script({ ...planBelowFails, times: 1 }, votes('abort'));
    const [result, tree] = await executed();
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    expect(statuses(tree)).toEqual(['failed', 'cancelled']);
    expect(await early(result.workflow_id)).toEqual(['recovery_abort']);
    expect(await failedEvents(result.workflow_id, tree.children[0]?.id)).toBe(1);
    expect(await retried(result.workflow_id)).toMatchObject({ success: true });
    const after = await fixture.tree(result.workflow_id);
    expect(all(after).map(({ status }) => status)).toEqual(Array(all(after).length).fill('completed'));
  });

  it('ends the workflow early where no failure is tolerated, and goes before no council', async () => {
    fixture.model.script(planBelowFails);
    const [result, tree] = await executed('low');
    expect(result.success).toBe(false);
    expect(councilsOf(tree)).toEqual([]);
    expect(await early(result.workflow_id)).toEqual(['failure_not_tolerated']);
  });

  it('goes before no council when nothing needs it', async () => {
    fixture.model.script(planBelowFails);
    const result = await fixture.execute('[[subtasks:2]] [[decompose:1]]', context('medium'));
    const tree = await fixture.tree(result.workflow_id);
    expect(statuses(tree)).toEqual(['failed', 'completed']);
    expect(councilsOf(tree)).toEqual([]);
  });

  it.each([
    ['medium', 2],
    ['high', 4],
  ])(
    'goes before a council as often as a %s tolerance allows, with all below it: %i times',
    async (tolerance, most) => {
      // Two of its subtasks, one of which needs the other; the one that is needed fails again and again, and so does what replaces it.
      fixture.model.script(
        {
          match: { schema: 'subtasks', prompt: '<part>\nPart 1' },
          answer: { subtasks: [whole('x'), whole('y', ['x'])] },
        },
        ...[fails('Step x'), fails('Part 1'), votes('retry_differently')],
      );
      const [result, tree] = await executed(tolerance);
      expect(result.success).toBe(false);
      expect(councilsOf(tree)).toHaveLength(most);
      expect(statuses(tree)).toEqual(['failed', 'cancelled']);
      expect(tree.children[0]?.children.map(({ agents }) => agents.length)).toEqual([1 + most, 0]);
      expect(await failedEvents(result.workflow_id, tree.children[0]?.id)).toBe(1);
    },
  );

  it('leaves what failed below it as it ended, when it was replaced and something else is retried', async () => {
    fixture.model.script(
      plan(step('a', [], { decompose: true }), whole('b', ['a']), whole('c')),
      { match: { schema: 'subtasks', prompt: '<part>\nStep a' }, answer: { subtasks: [whole('x')] } },
      ...[fails('Step x'), fails('Step c', 1), votes('retry_differently')],
    );
    const result = await fixture.execute('Go.', context('medium'));
    const tree = await fixture.tree(result.workflow_id);
    expect(result.success).toBe(false);
    expect(statuses(tree)).toEqual(['completed', 'completed', 'failed']);
    const below = tree.children[0]?.children;
    expect(below?.map(({ status }) => status)).toEqual(['failed']);
    const before = fixture.model.requests.length;
    expect(await retried(result.workflow_id)).toMatchObject({ success: true });
    expect(fixture.model.requests.length - before).toBe(2);
    const after = await fixture.tree(result.workflow_id);
    expect(statuses(after)).toEqual(['completed', 'completed', 'completed']);
    expect(after.children[0]?.children).toEqual(below);
  });
});

describe('councils over failed subtasks', () => {
  const PAIRS = plan(step('a'), step('b'), step('e'), step('c', ['a']), step('d', ['b']), step('f', ['e']));

  it('are held at once, and no more than the workflow may hold', async () => {
    fixture.model.script(PAIRS, fails('Step a', 1), fails('Step b', 1), fails('Step e', 1), votes('retry_differently'));
    fixture.model.script({ match: { prompt: '<agenda>' }, hold: 'councils' });
    const id = await fixture.accept('Go.', context('medium', 'parallel_execution'));
    await until('two councils are asked', () => new Set(agendas()).size === 2);
    await until('the third has failed', async () => (await fixture.eventTypes(id)).includes('thought.failed'));
    fixture.model.script(votes('retry_differently'));
    fixture.model.release('councils');
    expect(await fixture.ended(id)).toMatchObject({ success: false });
    const tree = await fixture.tree(id);
    expect(councilsOf(tree).map(({ chosen }) => chosen)).toEqual(['retry_differently', 'retry_differently']);
    expect(statuses(tree).slice(0, 3).sort()).toEqual(['completed', 'completed', 'failed']);
    expect(statuses(tree).slice(3).sort()).toEqual(['cancelled', 'completed', 'completed']);
    expect(await failedEvents(id, tree.children.find(({ status }) => status === 'failed')?.id)).toBe(1);
  });

  it('are not held any more when one of them has ended the workflow early', async () => {
    fixture.model.script(PAIRS, fails('Step a'), votes('abort'));
    fixture.model.script({ ...fails('Step b'), hold: 'b' }, { ...fails('Step e'), hold: 'b' });
    const id = await fixture.accept('Go.', context('high', 'parallel_execution'));
    await until('it ends early', async () => (await early(id)).includes('recovery_abort'));
    fixture.model.release('b');
    expect(await fixture.ended(id)).toMatchObject({ success: false });
    expect(new Set(agendas())).toEqual(new Set(['Step a']));
    expect(councilsOf(await fixture.tree(id))).toHaveLength(1);
  });

  it('that come to nothing leave the failure as it was, and count', async () => {
    fixture.model.script(fails('Part 1', 1), { match: { schema: 'vote' }, ...refused, errorMessage: 'No vote.' });
    const result = await fixture.execute('[[subtasks:2]] [[chain]]', context('medium', 'parallel_execution'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    expect(result.metadata.error).toContain('That cannot be done.');
    const tree = await fixture.tree(result.workflow_id);
    expect(statuses(tree)).toEqual(['failed', 'cancelled']);
    expect(tree.children[0]?.metadata).toMatchObject({ recovery: 'none' });
    expect(councilsOf(tree)).toMatchObject([{ chosen: null }]);
    expect(tree.agents.filter(({ status }) => !['completed', 'failed'].includes(status))).toEqual([]);
    const before = fixture.model.requests.length;
    expect(await retried(result.workflow_id)).toMatchObject({ success: true });
    expect(fixture.model.requests.length - before).toBe(3);
  });
});
