import { OrchestratorFixture, strategy, uncached } from './orchestrator-fixture.js';

describe('workflows', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  it("answers the plan's own example to who is signed in and refuses who is not", async () => {
    const body = { input_type: 'user_prompt', content: { prompt: 'Test workflow execution' }, priority: 'high' };
    const answer = await fixture.send(body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ success: true });
    const refused = await fixture.nyx.request(undefined, 'POST', '/api/v1/orchestrator/workflows/execute', body);
    expect(refused.status).toBe(401);
  });

  it('runs a direct workflow with one agent and one paid call that the tree accounts for', async () => {
    fixture.model.script({ match: { prompt: 'paper clip' }, answer: 'It holds paper.' });
    const result = await fixture.execute('What is a paper clip for?');
    expect(result).toMatchObject({
      success: true,
      content: 'It holds paper.',
      metadata: { strategy: 'direct_execution', provider: 'anthropic', agents: { total: 1, completed: 1 } },
    });
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    expect(result.cost_usd).toBeGreaterThan(0);
    const tree = await fixture.tree(result.workflow_id);
    expect(tree).toMatchObject({
      id: result.workflow_id,
      status: 'completed',
      agents: [{ status: 'completed' }],
      llm_interactions: [{ purpose: 'direct', status: 'succeeded', cost_usd: result.cost_usd }],
      children: [],
    });
    expect(await fixture.eventTypes(result.workflow_id)).toEqual([
      'workflow.started',
      'thought.started',
      'workflow.progress',
      'agent.spawned',
      'llm.completed',
      'agent.completed',
      'workflow.progress',
      'workflow.completed',
    ]);
  });

  it('hands each subtask of a sequence the results it depends on', async () => {
    const result = await fixture.execute(
      'Write a report. [[subtasks:3]] [[chain]]',
      strategy('sequential_decomposition'),
    );
    expect(result).toMatchObject({ success: true, metadata: { agents: { total: 5, completed: 5 } } });
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.children.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    const [first, second, third] = tree.children;
    const answerOf = async (id: string | undefined): Promise<string> =>
      (
        await fixture.database.query<{ response_text: string }>(
          'SELECT response_text FROM llm_interactions WHERE thought_tree_id = $1',
          [id],
        )
      )[0]?.response_text ?? '';
    expect(second?.llm_interactions[0]?.prompt_text).toContain(await answerOf(first?.id));
    expect(third?.llm_interactions[0]?.prompt_text).toContain(await answerOf(second?.id));
    const synthesis = tree.llm_interactions.find(({ purpose }) => purpose === 'synthesis');
    for (const child of tree.children) expect(synthesis?.prompt_text).toContain(await answerOf(child.id));
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('runs independent subtasks at once, never more than allowed', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'subtasks' });
    const limits = { resource_limits: { max_concurrent_agents: 3, max_subtasks: 5 } };
    const id = await fixture.accept('[[subtasks:5]] [[parallel]]', uncached('parallel_execution', limits));
    await fixture.model.waitFor(1 + 3);
    const status = await fixture.get<{ agents: { active: number }; progress_percentage: number; phase: string }>(
      `/workflows/${id}/status`,
    );
    expect(status).toMatchObject({ agents: { active: 3 }, phase: 'executing', progress_percentage: 10 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(fixture.model.requests).toHaveLength(4);
    fixture.model.release('subtasks');
    const ended = await fixture.ended(id);
    expect(ended).toMatchObject({ status: 'completed', success: true });
    expect(fixture.model.requests).toHaveLength(7);
  });

  it('starts a dependent subtask only after what it needs', async () => {
    const result = await fixture.execute('[[subtasks:3]] [[chain]]', strategy('parallel_execution'));
    expect(result.success).toBe(true);
    const spans = await fixture.database.query<{ created_at: Date; completed_at: Date }>(
      `SELECT a.created_at, a.completed_at FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
        WHERE t.parent_id = $1 ORDER BY t.position`,
      [result.workflow_id],
    );
    expect(spans).toHaveLength(3);
    spans.slice(1).forEach(({ created_at: startedAt }, index) => {
      expect(startedAt.getTime()).toBeGreaterThanOrEqual(spans[index]?.completed_at.getTime() ?? Infinity);
    });
  });

  it('repairs a plan that breaks a rule, telling the planner its mistake', async () => {
    const circle = {
      subtasks: [
        { id: 'a', title: 'A', instructions: 'do a', dependencies: ['b'], kind: 'content_generation' },
        { id: 'b', title: 'B', instructions: 'do b', dependencies: ['a'], kind: 'content_generation' },
      ],
    };
    fixture.model.script({ match: { schema: 'subtasks' }, answer: circle, times: 1 });
    const result = await fixture.execute('Compare things.', strategy('sequential_decomposition'));
    expect(result).toMatchObject({ success: true, metadata: { strategy: 'sequential_decomposition', warnings: [] } });
    const repair = (await fixture.tree(result.workflow_id)).llm_interactions.find(
      ({ purpose }) => purpose === 'plan:repair-1',
    );
    expect(repair?.prompt_text).toContain('the dependencies form a circle');
  });

  it('falls back to direct execution after two vain repairs, and says so', async () => {
    fixture.model.script({ match: { schema: 'subtasks' }, answer: { subtasks: [] } });
    const result = await fixture.execute('Compare things.', strategy('parallel_execution'));
    expect(result.success).toBe(true);
    expect(result.metadata.warnings.join()).toMatch(/Executed directly: no usable plan in 3 attempts/);
    expect(fixture.model.requests.filter(({ body }) => JSON.stringify(body).includes('json_schema'))).toHaveLength(3);
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.agents.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  it('ends with what there is when a subtask fails, and names it', async () => {
    fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, status: 400, errorType: 'invalid_request_error' });
    const result = await fixture.execute('[[subtasks:3]] [[parallel]]', strategy('parallel_execution'));
    expect(result.success).toBe(false);
    expect(result.metadata).toMatchObject({ agents: { completed: 4, failed: 1 }, error_code: 'LLM_UPSTREAM' });
    expect(result.metadata.error).toContain('1 of 3 subtasks have no result (Part 2)');
    expect(result.content).not.toBe('');
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.children.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
    expect(tree.status).toBe('failed');
  });

  it('skips what depends on a failed subtask', async () => {
    fixture.model.script({ match: { prompt: '<subtask>\nPart 1' }, status: 400, errorType: 'invalid_request_error' });
    const result = await fixture.execute('[[subtasks:2]] [[chain]]', {
      execution_preferences: { strategy: 'sequential_decomposition', failure_tolerance: 'low' },
    });
    expect(result.success).toBe(false);
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.children).toMatchObject([
      { status: 'failed' },
      { status: 'cancelled', metadata: { reason: 'no result of: Part 1' }, agents: [] },
    ]);
  });

  it('fails with its error when the model fails', async () => {
    fixture.model.script({ status: 400, errorType: 'invalid_request_error', errorMessage: 'no' });
    const result = await fixture.execute('Anything at all?');
    expect(result).toMatchObject({
      success: false,
      content: '',
      cost_usd: 0,
      metadata: { error_code: 'LLM_UPSTREAM' },
    });
    const { error } = result.metadata;
    expect(error).toMatch(/\bno\b/);
    for (const path of ['', '/status'])
      expect(await fixture.get(`/workflows/${result.workflow_id}${path}`)).toMatchObject(
        path === '' ? { result: { metadata: { error } } } : { status: 'failed', metadata: { error } },
      );
    expect((await fixture.tree(result.workflow_id)).status).toBe('failed');
    expect((await fixture.eventTypes(result.workflow_id)).at(-1)).toBe('workflow.failed');
  });

  it.each(['refusal', 'max_tokens'])('does not take an answer that ended by %s for a success', async (stopReason) => {
    fixture.model.script({ answer: 'Well, the first part', stopReason });
    const result = await fixture.execute('Anything at all?');
    expect(result.success).toBe(false);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    expect(result.cost_usd).toBeGreaterThan(0);
  });

  it('sends nothing that its budget does not cover, and names the scope', async () => {
    const result = await fixture.execute('Anything?', { resource_limits: { max_cost_usd: 0.000001 } });
    expect(result).toMatchObject({ success: false, cost_usd: 0, metadata: { error_code: 'BUDGET_EXCEEDED' } });
    expect(result.metadata.error).toContain('workflow');
    expect(fixture.model.requests).toHaveLength(0);
    expect(await fixture.eventTypes(result.workflow_id)).toContain('budget.warning');
  });

  it('stops starting subtasks when the budget runs out and keeps what it has', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, answer: 'A result.', outputTokens: 4000 });
    const limits = { resource_limits: { max_cost_usd: 0.016, max_subtasks: 8 } };
    const result = await fixture.execute('[[subtasks:8]]', strategy('sequential_decomposition', limits));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'BUDGET_EXCEEDED' } });
    expect(result.content).toContain('A result.');
    expect(result.cost_usd).toBeLessThanOrEqual(0.016);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });
});
