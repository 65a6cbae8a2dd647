import { AgentPlaces } from '../../src/orchestrator/run/agent-places.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, uncached, type ExecuteAnswer, type TreeNode } from './orchestrator-fixture.js';

/** Each named limit and setting changes the outcome. */
describe('the limits of workflows', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const put = async (key: string, value: number): Promise<void> => {
    const path = `/api/v1/system/config/${key}`;
    expect((await fixture.nyx.request('admin', 'PUT', path, { config_value: value })).status).toBe(200);
  };

  const statusOf = async (id: string): Promise<string | undefined> => {
    const [row] = await fixture.database.query<{ status: string }>('SELECT status FROM workflows WHERE id = $1', [id]);
    return row?.status;
  };

  const untilWaiting = (agents: number): Promise<void> =>
    until(`${agents} agents wait`, () => fixture.nyx.app.get(AgentPlaces)['queue'].waitingCount === agents);

  const parallelized = (parallelization: string): Record<string, unknown> => ({
    execution_preferences: { strategy: 'parallel_execution', caching_strategy: 'disabled', parallelization },
    resource_limits: { max_concurrent_agents: 12 },
  });

  it.each([
    ['conservative', 3],
    ['aggressive', 6],
  ])('%s parallelization of 12 agents runs %i of 6 subtasks at once', async (parallelization, atOnce) => {
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'subtasks' });
    const id = await fixture.accept('[[subtasks:6]]', parallelized(parallelization));
    await fixture.model.waitFor(1 + atOnce);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(fixture.model.requests).toHaveLength(1 + atOnce);
    fixture.model.release('subtasks');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
  });

  it('that is misspelt does not bind, and a warning names it', async () => {
    const context = { session: 'mine', resource_limits: { max_cost: 0.01 }, execution_preferences: { stratgy: 'x' } };
    const { success, metadata } = await fixture.execute('Say a word.', context);
    expect(success).toBe(true);
    expect(metadata.warnings).toEqual([
      'execution_context.resource_limits.max_cost is not known and changes nothing.',
      'execution_context.execution_preferences.stratgy is not known and changes nothing.',
    ]);
  });

  it('max_subtasks refuses a plan that has more', async () => {
    const run = (most: number): Promise<ExecuteAnswer> =>
      fixture.execute('[[subtasks:5]]', uncached('parallel_execution', { resource_limits: { max_subtasks: most } }));
    expect((await run(5)).metadata.agents.total).toBe(7);
    expect((await run(4)).metadata.warnings.join()).toContain('the plan has 5 subtasks, at most 4 are allowed');
  });

  it('max_concurrent_agents holds over all levels of sub-orchestrators', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'subtasks' });
    const limits = { resource_limits: { max_concurrent_agents: 3, max_recursion_depth: 2 } };
    const id = await fixture.accept('[[subtasks:3]] [[decompose]]', uncached('recursive_decomposition', { ...limits }));
    await fixture.model.waitFor(1 + 3 + 3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(fixture.model.requests).toHaveLength(7);
    fixture.model.release('subtasks');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    // How many agents worked at once, by the rows: at each start those that had begun and not ended.
    const [most] = await fixture.database.query<{ most: number }>(
      `SELECT max((SELECT count(*)::int FROM agents b JOIN thought_trees u ON u.id = b.thought_tree_id
                    WHERE u.root_id = $1 AND b.created_at <= a.created_at AND b.completed_at > a.created_at)) AS most
         FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1`,
      [id],
    );
    expect(most?.most).toBe(3);
  });

  it('the system lets no more agents work at once than its setting, each workflow in its turn', async () => {
    await put('max_concurrent_agents', 1);
    try {
      fixture.model.script({ match: { system: 'one subtask' }, hold: 'first' });
      const many = await fixture.accept('[[subtasks:5]]', uncached('parallel_execution'));
      await fixture.model.waitFor(2);
      await untilWaiting(4);
      const one = await fixture.accept('A single question?', uncached('direct_execution'));
      await untilWaiting(5);
      expect(fixture.model.requests).toHaveLength(2);
      fixture.model.release('first');
      expect(await fixture.ended(one)).toMatchObject({ success: true });
      expect(await fixture.ended(many)).toMatchObject({ success: true });
      const order = fixture.model.requests.map(({ prompt }) => prompt.includes('A single question?'));
      expect(order.indexOf(true)).toBeLessThan(order.length - 3);
    } finally {
      await put('max_concurrent_agents', 50);
    }
  });

  it('people have their turn before what nobody asked for, however long that has waited', async () => {
    await put('max_concurrent_agents', 1);
    try {
      fixture.model.script({ match: { prompt: 'The first question?' }, hold: 'first' });
      const first = await fixture.accept('The first question?', uncached('direct_execution'));
      await fixture.model.waitFor(1);
      const own = await fixture.acceptAutonomous('An own idea.', uncached('direct_execution'));
      await untilWaiting(1);
      expect(await statusOf(own)).toBe('in_progress');
      const asked = await fixture.accept('A later question?', uncached('direct_execution'));
      await untilWaiting(2);
      fixture.model.release('first');
      for (const id of [first, asked, own]) expect(await fixture.ended(id)).toMatchObject({ success: true });
      const order = fixture.model.requests.map(({ prompt }) => /The first|A later|An own/.exec(prompt)?.[0]);
      expect(order.slice(0, 3)).toEqual(['The first', 'A later', 'An own']);
    } finally {
      await put('max_concurrent_agents', 50);
    }
  });

  it('more places let in who waits at once', async () => {
    await put('max_concurrent_agents', 1);
    try {
      fixture.model.script({ match: { system: 'one subtask' }, hold: 'subtasks' });
      const id = await fixture.accept('[[subtasks:4]]', uncached('parallel_execution'));
      await fixture.model.waitFor(2);
      await put('max_concurrent_agents', 50);
      await fixture.model.waitFor(5);
      fixture.model.release('subtasks');
      expect(await fixture.ended(id)).toMatchObject({ success: true });
    } finally {
      await put('max_concurrent_agents', 50);
    }
  });

  it('no more workflows run at once than the setting says, and more as soon as it says so', async () => {
    await put('max_concurrent_workflows', 1);
    try {
      fixture.model.script({ match: { prompt: 'The first question?' }, hold: 'first' });
      const first = await fixture.accept('The first question?', uncached('direct_execution'));
      await fixture.model.waitFor(1);
      const second = await fixture.accept('A second question?', uncached('direct_execution'));
      const third = await fixture.accept('A third question?', uncached('direct_execution'));
      expect(await statusOf(second)).toBe('pending');
      fixture.model.release('first');
      expect(await fixture.ended(first)).toMatchObject({ success: true });
      await put('max_concurrent_workflows', 50);
      for (const id of [second, third]) expect(await fixture.ended(id)).toMatchObject({ success: true });
    } finally {
      await put('max_concurrent_workflows', 50);
    }
  });

  it('default_retry_attempts: a model that answers 500 is asked so often, and the tries of the agent come on top', async () => {
    const ask = (): Promise<ExecuteAnswer> => fixture.execute('A single question?', uncached('direct_execution'));
    const asked = async (attempts: number): Promise<number> => {
      await put('default_retry_attempts', attempts);
      fixture.model.script({ status: 500 });
      expect(await ask()).toMatchObject({ success: false });
      const { length } = fixture.model.requests;
      fixture.model.reset();
      // An answer in between, or the breaker would open.
      expect(await ask()).toMatchObject({ success: true });
      fixture.model.reset();
      return length;
    };
    try {
      expect([await asked(1), await asked(2)]).toEqual([3, 4]);
    } finally {
      await put('default_retry_attempts', 3);
    }
  });

  it('llm_timeout_seconds: a call that nobody answers is given up', async () => {
    await put('llm_timeout_seconds', 1);
    await put('default_retry_attempts', 1);
    try {
      fixture.model.script({ hang: true });
      const answer = await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Hello?' });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(await answer.json()).toMatchObject({ error_code: expect.stringMatching(/^LLM_/) as string });
      await until('the model sees NYX gone', () => fixture.model.requests[0]?.outcome === 'client_gone');
      expect(fixture.model.requests).toHaveLength(1);
    } finally {
      await put('llm_timeout_seconds', 60);
      await put('default_retry_attempts', 3);
    }
  });

  it('approval_timeout_minutes: people have so long to look', async () => {
    await put('approval_timeout_minutes', 7);
    try {
      const reviewed = { quality_settings: { require_human_review: true } };
      const id = await fixture.accept('A single question?', uncached('direct_execution', reviewed));
      const left = async (): Promise<number[]> =>
        (
          await fixture.database.query<{ left: number }>(
            'SELECT extract(epoch FROM deadline_at - created_at)::int AS left FROM approvals WHERE workflow_id = $1',
            [id],
          )
        ).map((row) => row.left);
      await until('somebody is asked', async () => (await left()).length > 0);
      expect(await left()).toEqual([420]);
      expect(
        (await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`)).status,
      ).toBe(202);
    } finally {
      await put('approval_timeout_minutes', 1_440);
    }
  });

  it('max_cost_usd ends each level with the best partial result, and says what is done and left', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, answer: 'A result.', outputTokens: 4000 });
    const limits = { max_cost_usd: 0.02, max_concurrent_agents: 1, max_recursion_depth: 2 };
    const result = await fixture.execute(
      '[[subtasks:4]] [[decompose:2]]',
      uncached('recursive_decomposition', { resource_limits: limits }),
    );
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'BUDGET_EXCEEDED' } });
    expect(result.metadata.error).toMatch(/^The cost limit was hit\. \d of 4 subtasks have no result \(Part/);
    expect(result.content).toContain('A result.');
    expect(result.cost_usd).toBeLessThanOrEqual(0.02);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('the share of a sub-orchestrator caps it, and its parent goes on with what is left', async () => {
    const dear = { answer: 'A dear result.', outputTokens: 500_000 };
    fixture.model.script({ match: { system: 'one subtask', prompt: '<part>' }, ...dear });
    const limits = { max_cost_usd: 2, max_concurrent_agents: 1, max_recursion_depth: 2, max_subtasks: 8 };
    const result = await fixture.execute(
      '[[subtasks:6]] [[decompose:1]]',
      uncached('recursive_decomposition', { resource_limits: limits }),
    );
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'BUDGET_EXCEEDED' } });
    expect(result.metadata.error).toContain('the share of a sub-orchestrator');
    expect(result.metadata.error).toContain('Done: Part 2, Part 3, Part 4, Part 5, Part 6.');
    const tree: TreeNode = await fixture.tree(result.workflow_id);
    expect(tree.children.map(({ status }) => status)).toEqual(['failed', ...Array<string>(5).fill('completed')]);
    const made = tree.children[0]?.children.filter(({ status }) => status === 'completed').length ?? 0;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(6);
    const synthesis = tree.llm_interactions.find(({ purpose }) => purpose === 'synthesis');
    expect(synthesis?.prompt_text).toContain('A dear result.');
  });

  it('a workflow that cannot pay for its plan says that nothing is done', async () => {
    const limits = { resource_limits: { max_cost_usd: 0.000001 } };
    const result = await fixture.execute('[[subtasks:4]]', uncached('recursive_decomposition', limits));
    expect(result.success).toBe(false);
    expect(result.metadata.error).toMatch(
      /^The cost limit was hit before anything was done, all of the task is left\./,
    );
  });
});
