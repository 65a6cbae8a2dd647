import { OrchestratorFixture, uncached, type ExecuteAnswer, type TreeNode } from './orchestrator-fixture.js';

const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'That cannot be done.' };
const fails = (title: string, times?: number) => ({
  match: { system: 'one subtask', prompt: `<subtask>\n${title}` },
  ...(times !== undefined && { times }),
  ...refused,
});
const votes = (option: string) => ({
  match: { schema: 'vote' },
  answer: { vote: option, reason: 'It is best.', confidence: 0.8 },
});
const step = (id: string, dependencies: string[] = []) => ({
  id,
  title: `Step ${id}`,
  instructions: `Do ${id}.`,
  dependencies,
  kind: 'content_generation',
});
const plan = (...subtasks: object[]) => ({ match: { schema: 'subtasks' }, answer: { subtasks } });

/** One subtask after the other, so that what has not begun when one fails is known. */
const tolerant = (tolerance: string): Record<string, unknown> => ({
  execution_preferences: {
    strategy: 'parallel_execution',
    caching_strategy: 'disabled',
    failure_tolerance: tolerance,
  },
  resource_limits: { max_concurrent_agents: 1 },
});

const statuses = ({ children }: TreeNode): string[] => children.map(({ status }) => status);
const councilsOf = ({ metadata }: TreeNode): { chosen: string }[] =>
  Object.values((metadata.councils ?? {}) as Record<string, { chosen: string }>);

describe('a subtask that has failed for good', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const events = (id: string): Promise<{ type: string; data: Record<string, unknown> }[]> =>
    fixture.database.query('SELECT type, data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq', [id]);
  const early = async (id: string): Promise<unknown[]> =>
    (await events(id)).flatMap(({ data }) => (data.adaptation as { name: string } | undefined)?.name ?? []);
  const ended = async (answer: ExecuteAnswer): Promise<TreeNode> => {
    const shares = (await events(answer.workflow_id)).flatMap(({ data }) => data.progress_percentage ?? []);
    expect(shares).toEqual(shares.toSorted((a, b) => Number(a) - Number(b)));
    return fixture.tree(answer.workflow_id);
  };
  const retried = async (id: string) => {
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(answer.status).toBe(202);
    return fixture.ended(id);
  };

  it('ends the workflow early where no failure is tolerated, and a retry begins the rest again', async () => {
    fixture.model.script(fails('Part 2', 1));
    const result = await fixture.execute('[[subtasks:4]]', tolerant('low'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    const tree = await ended(result);
    expect(statuses(tree)).toEqual(['completed', 'failed', 'cancelled', 'cancelled']);
    expect(tree.children[2]).toMatchObject({ agents: [], metadata: { code: 'FAILURE_NOT_TOLERATED' } });
    expect(await early(result.workflow_id)).toEqual(['failure_not_tolerated']);
    const before = fixture.model.requests.length;
    expect(await retried(result.workflow_id)).toMatchObject({ success: true });
    expect(statuses(await fixture.tree(result.workflow_id))).toEqual(Array(4).fill('completed'));
    expect(fixture.model.requests.length - before).toBe(4);
  });

  it('leaves the others alone with a medium tolerance, and the workflow fails', async () => {
    fixture.model.script(fails('Part 3'));
    const result = await fixture.execute('[[subtasks:4]]', tolerant('medium'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    const tree = await ended(result);
    expect(statuses(tree)).toEqual(['completed', 'completed', 'failed', 'completed']);
    expect(councilsOf(tree)).toEqual([]);
  });

  it('is missing in a success with a high tolerance, which says so; too many are not', async () => {
    fixture.model.script(fails('Part 3'));
    const result = await fixture.execute('[[subtasks:4]]', tolerant('high'));
    expect(result.success).toBe(true);
    expect(result.metadata.warnings.join()).toContain('Without the results of 1 of 4 subtasks (Part 3)');
    expect(statuses(await ended(result))).toEqual(['completed', 'completed', 'failed', 'completed']);
    fixture.model.script(fails('Part 4'));
    const worse = await fixture.execute('[[subtasks:4]]', tolerant('high'));
    expect(worse).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
  });

  it('is tried again by another agent that is told of the failure, when a council decides so', async () => {
    fixture.model.script(fails('Part 1', 1), votes('retry_differently'));
    const result = await fixture.execute('[[subtasks:2]] [[chain]]', tolerant('medium'));
    expect(result).toMatchObject({ success: true, metadata: { warnings: [], agents: { failed: 1, active: 0 } } });
    const tree = await ended(result);
    expect(statuses(tree)).toEqual(['completed', 'completed']);
    const [first] = tree.children;
    expect(first?.agents.map(({ status }) => status)).toEqual(['failed', 'completed']);
    expect(first?.metadata).toMatchObject({ recovery: 'retry_differently' });
    const again = first?.llm_interactions.find(({ purpose }) => purpose === 'subtask-again-2')?.prompt_text;
    expect(again).toContain('That cannot be done.');
    expect(again).toContain('in another way than before');
    expect(councilsOf(tree)).toMatchObject([{ chosen: 'retry_differently' }]);
    const asked = fixture.model.requests.find(({ prompt }) => prompt.includes('<agenda>'))?.prompt;
    expect(asked).toContain('The subtask "Part 1" has failed');
    expect(asked).toContain('That cannot be done.');
  });

  it('is done without when a council decides so: what needs it goes on, and the success says what is missing', async () => {
    fixture.model.script(fails('Part 1'), votes('skip'));
    const result = await fixture.execute('[[subtasks:3]] [[chain]]', tolerant('medium'));
    expect(result.success).toBe(true);
    expect(result.metadata.warnings.join()).toContain('Without the results of 1 of 3 subtasks (Part 1)');
    const tree = await ended(result);
    expect(statuses(tree)).toEqual(['cancelled', 'completed', 'completed']);
    expect(tree.children[0]).toMatchObject({ agents: [{ status: 'failed' }], metadata: { dispensable: true } });
  });

  it.each(['parallel_execution', 'sequential_decomposition'])(
    'stays done without when a workflow of %s is retried for something else',
    async (strategy) => {
      fixture.model.script(plan(step('a'), step('b', ['a']), step('c')));
      fixture.model.script(fails('Step a'), votes('skip'), fails('Step c', 1));
      const result = await fixture.execute('Go on.', uncached(strategy));
      expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
      const before = fixture.model.requests.length;
      expect(await retried(result.workflow_id)).toMatchObject({ success: true });
      const tree = await fixture.tree(result.workflow_id);
      expect(statuses(tree)).toEqual(['cancelled', 'completed', 'completed']);
      const again = fixture.model.requests.slice(before).map(({ prompt }) => prompt);
      expect(again.filter((prompt) => prompt.includes('<subtask>\nStep a'))).toEqual([]);
      expect(again).toHaveLength(2);
    },
  );

  it.each(['parallel_execution', 'sequential_decomposition'])(
    'ends a workflow of %s early when a council decides so, and a retry begins the rest again',
    async (strategy) => {
      fixture.model.script(plan(step('first'), step('a', ['first']), step('b', ['a']), step('c')));
      fixture.model.script(fails('Step a', 1), votes('abort'));
      const context = { ...tolerant('medium'), execution_preferences: { strategy, caching_strategy: 'disabled' } };
      const result = await fixture.execute('Stop.', context);
      expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
      expect(result.metadata.error).toContain('3 of 4 subtasks have no result (Step a, Step b, Step c)');
      expect(result.content).not.toBe('');
      const tree = await ended(result);
      const begun = tree.children.filter(({ agents }) => agents.length > 0).map(({ goal }) => goal);
      expect(begun).toEqual(['Step first', 'Step a']);
      expect(tree.children[3]).toMatchObject({ status: 'cancelled', metadata: { code: 'ENDED_BY_COUNCIL' } });
      expect(await early(result.workflow_id)).toEqual(['recovery_abort']);
      expect(await retried(result.workflow_id)).toMatchObject({ success: true });
      expect(statuses(await fixture.tree(result.workflow_id))).toEqual(Array(4).fill('completed'));
    },
  );

  it.each([
    ['low', 0],
    ['medium', 2],
    ['high', 4],
  ])('goes before a council as often as a %s tolerance allows: %i times', async (tolerance, councils) => {
    fixture.model.script(fails('Part 1'), votes('retry_differently'));
    const result = await fixture.execute('[[subtasks:2]] [[chain]]', tolerant(tolerance));
    expect(result).toMatchObject({
      success: false,
      metadata: { error_code: 'LLM_UPSTREAM', agents: { failed: 1 + councils, active: 0 } },
    });
    const tree = await ended(result);
    expect(councilsOf(tree)).toHaveLength(councils);
    expect(statuses(tree)).toEqual(['failed', 'cancelled']);
  });

  it('goes before no council for a limit', async () => {
    fixture.model.script({ match: { schema: 'subtasks' }, outputTokens: 2_000_000 });
    const limits = { max_cost_usd: 1, max_concurrent_agents: 1 };
    const result = await fixture.execute('[[subtasks:2]] [[chain]]', {
      ...tolerant('high'),
      resource_limits: limits,
    });
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'BUDGET_EXCEEDED' } });
    expect(fixture.model.requests).toHaveLength(1);
    const tree = await ended(result);
    expect(councilsOf(tree)).toEqual([]);
    expect(tree.children[0]).toMatchObject({ status: 'failed', metadata: { code: 'BUDGET_EXCEEDED' } });
  });
});
