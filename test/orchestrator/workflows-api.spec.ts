import { OrchestratorFixture, strategy, uncached, type ExecuteAnswer } from './orchestrator-fixture.js';

const PROMPT = { input_type: 'user_prompt', content: { prompt: 'Say a word.' } };

describe('the doors of the orchestrator', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const count = async (): Promise<number> =>
    (await fixture.database.query<{ count: number }>('SELECT count(*)::int AS count FROM workflows'))[0]?.count ?? -1;

  describe('waiting', () => {
    it('answers 202 at once when asked to, with where to look', async () => {
      const answer = await fixture.send(PROMPT, { prefer: 'respond-async' });
      const body = (await answer.json()) as ExecuteAnswer;
      expect(answer.status).toBe(202);
      expect(answer.headers.get('preference-applied')).toBe('respond-async');
      expect(answer.headers.get('location')).toBe(`/api/v1/orchestrator/workflows/${body.workflow_id}/status`);
      expect(body).toMatchObject({ success: null, content: '', metadata: {} });
      await fixture.ended(body.workflow_id);
    });

    it('answers 202 when the wait passes, and the workflow goes on', async () => {
      fixture.model.script({ hold: 'later' });
      const answer = await fixture.send(PROMPT, { prefer: 'wait=1' });
      expect(answer.status).toBe(202);
      const { workflow_id: id } = (await answer.json()) as ExecuteAnswer;
      fixture.model.release('later');
      expect(await fixture.ended(id)).toMatchObject({ status: 'completed' });
    });

    it('does not stop a workflow whose caller goes away', async () => {
      fixture.model.script({ hold: 'caller' });
      const caller = new AbortController();
      const token = await fixture.nyx.token('operator');
      const request = fetch(`${fixture.nyx.url}/api/v1/orchestrator/workflows/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(PROMPT),
        signal: caller.signal,
      });
      await fixture.model.waitFor(1);
      caller.abort();
      await expect(request).rejects.toThrow();
      const { active_workflows: active } = await fixture.get<{ active_workflows: { workflow_id: string }[] }>(
        '/workflows/active',
      );
      fixture.model.release('caller');
      expect(await fixture.ended(active[0]?.workflow_id ?? '')).toMatchObject({ status: 'completed' });
    });
  });

  describe('idempotency', () => {
    it('makes one workflow of 50 equal requests at once', async () => {
      const before = await count();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => fixture.send(PROMPT, { 'idempotency-key': 'fifty' })),
      );
      const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as ExecuteAnswer[];
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(bodies.map(({ workflow_id: id }) => id)).size).toBe(1);
      expect(await count()).toBe(before + 1);
      expect(fixture.model.requests).toHaveLength(1);
    });

    it('finds what the key made before a crash, also where it could not be made any more', async () => {
      const template = { name: 'gone-later', input_type: 'user_prompt', content: { prompt: 'Hello?' } };
      const templates = '/api/v1/orchestrator/workflow-templates';
      const { id } = (await (await fixture.nyx.request('operator', 'POST', templates, template)).json()) as {
        id: string;
      };
      const request = { input_type: 'scheduled_workflow', content: { workflow_template: template.name } };
      const send = () => fixture.send(request, { 'idempotency-key': 'before-the-crash' });
      const made = (await (await send()).json()) as ExecuteAnswer;
      await fixture.database.query(
        `UPDATE idempotency_keys SET completed_at = NULL, response_status = NULL, claimed_at = '-infinity' WHERE key = 'before-the-crash'`,
      );
      expect((await fixture.nyx.request('operator', 'DELETE', `${templates}/${id}`)).status).toBe(204);
      const before = await count();
      const again = await send();
      expect(again.status).toBe(200);
      expect(await again.json()).toMatchObject({ workflow_id: made.workflow_id, success: true });
      expect(await count()).toBe(before);
      expect((await fixture.send(request, { 'idempotency-key': 'another' })).status).toBe(400);
    });

    it('refuses the key with another body', async () => {
      await fixture.send(PROMPT, { 'idempotency-key': 'one-body' });
      const other = await fixture.send({ ...PROMPT, priority: 'low' }, { 'idempotency-key': 'one-body' });
      expect(other.status).toBe(422);
      expect(await other.json()).toMatchObject({ error_code: 'IDEMPOTENCY_MISMATCH' });
    });
  });

  describe('cancelling', () => {
    it('aborts the call in flight, ends the tree, and is repeatable', async () => {
      fixture.model.script({ match: { system: 'one subtask' }, hang: true });
      const id = await fixture.accept('[[subtasks:3]] [[parallel]]', uncached('parallel_execution'));
      await fixture.model.waitFor(4);
      const cancel = () => fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
      const answer = await cancel();
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ workflow_id: id, status: 'cancelled' });
      expect((await cancel()).status).toBe(200);
      await fixture.model.waitFor(() =>
        fixture.model.requests.slice(1).every(({ outcome }) => outcome === 'client_gone'),
      );
      const tree = await fixture.tree(id);
      expect(tree.status).toBe('cancelled');
      for (const child of tree.children) {
        expect(child.status).toBe('cancelled');
        expect(child.agents).toMatchObject([{ status: 'terminated' }]);
      }
      expect((await fixture.eventTypes(id)).at(-1)).toBe('workflow.cancelled');
    });

    it('does not reach a branch by its durable id, which is no workflow', async () => {
      fixture.model.script({ match: { system: 'one subtask' }, hold: 'branches' });
      const id = await fixture.accept('[[subtasks:2]] [[parallel]]', uncached('parallel_execution'));
      await fixture.model.waitFor(3);
      const [branch] = await fixture.database.query<{ id: string }>(
        'SELECT workflow_uuid AS id FROM durable.workflow_status WHERE parent_workflow_id = $1',
        [id],
      );
      const path = `/api/v1/orchestrator/workflows/${branch?.id ?? ''}/cancel`;
      expect((await fixture.nyx.request('operator', 'POST', path)).status).toBe(404);
      fixture.model.release('branches');
      expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    });

    it('cannot cancel what has ended, nor what is not there', async () => {
      const { workflow_id: id } = await fixture.execute('Say a word.');
      const late = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
      expect(late.status).toBe(409);
      const nowhere = '019ab0c4-5d6e-7f80-9123-456789abcdef';
      const missing = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${nowhere}/cancel`);
      expect(missing.status).toBe(404);
    });
  });

  describe('bad input', () => {
    const task = (definition: unknown) => ({ input_type: 'structured_task', content: { task_definition: definition } });
    const withContext = (context: unknown) => ({ ...PROMPT, execution_context: context });
    it.each([
      ['no content', { input_type: 'user_prompt' }, 'content'],
      ['no prompt', { input_type: 'user_prompt', content: {} }, 'content.prompt'],
      ['an empty prompt', { input_type: 'user_prompt', content: { prompt: '  ' } }, 'content.prompt'],
      ['a prompt that is no text', { input_type: 'user_prompt', content: { prompt: 5 } }, 'content.prompt'],
      ['an overlong prompt', { input_type: 'user_prompt', content: { prompt: 'x'.repeat(200_001) } }, 'content.prompt'],
      ['priority banana', { ...PROMPT, priority: 'banana' }, 'priority'],
      ['urgency banana', { ...PROMPT, urgency: 'banana' }, 'urgency'],
      ['an unknown input type', { ...PROMPT, input_type: 'wish' }, 'input_type'],
      ['an unknown member', { ...PROMPT, surprise: 1 }, 'surprise'],
      ['a context that is no object', { ...PROMPT, user_context: [] }, 'user_context'],
      ['an objective that is missing', task({}), 'content.task_definition.primary_objective'],
      [
        'constraints that are no texts',
        task({ primary_objective: 'x', constraints: [1] }),
        'content.task_definition.constraints[0]',
      ],
      [
        'a cost of 0',
        withContext({ resource_limits: { max_cost_usd: 0 } }),
        'execution_context.resource_limits.max_cost_usd',
      ],
      [
        'a cost below 0',
        withContext({ resource_limits: { max_cost_usd: -1 } }),
        'execution_context.resource_limits.max_cost_usd',
      ],
      [
        'half an agent',
        withContext({ resource_limits: { max_concurrent_agents: 0.5 } }),
        'execution_context.resource_limits.max_concurrent_agents',
      ],
      [
        'too many subtasks',
        withContext({ resource_limits: { max_subtasks: 501 } }),
        'execution_context.resource_limits.max_subtasks',
      ],
      ['limits that are no object', withContext({ resource_limits: 5 }), 'execution_context.resource_limits'],
      [
        'an unknown strategy',
        withContext({ execution_preferences: { strategy: 'luck' } }),
        'execution_context.execution_preferences.strategy',
      ],
    ])('refuses %s and accepts nothing', async (_what, body, field) => {
      const before = await count();
      const answer = await fixture.send(body);
      expect(answer.status).toBe(400);
      const problem = (await answer.json()) as { error_code: string; errors: { field: string }[] };
      expect(problem.error_code).toBe('VALIDATION_ERROR');
      expect(problem.errors.map((error) => error.field)).toContain(field);
      expect(await count()).toBe(before);
    });

    it('refuses an unknown model before it accepts anything', async () => {
      const before = await count();
      const answer = await fixture.send(withContext({ execution_preferences: { model: 'gpt-99' } }));
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error_code: 'UNKNOWN_MODEL' });
      expect(await count()).toBe(before);
    });

    it('reads the words of old clients', async () => {
      const answer = await fixture.send({ ...PROMPT, priority: 'normal', urgency: 'urgent' });
      const { workflow_id: id } = (await answer.json()) as ExecuteAnswer;
      expect(await fixture.get(`/workflows/${id}`)).toMatchObject({ priority: 'medium', urgency: 'high' });
    });
  });

  describe('looking', () => {
    it('lists workflows newest first, page by page, filtered', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push((await fixture.execute(`Say ${index}.`)).workflow_id);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const path: string = `/workflows?limit=2&status=completed${cursor === null ? '' : `&cursor=${cursor}`}`;
        const page: { items: { workflow_id: string }[]; next_cursor: string | null } = await fixture.get(path);
        seen.push(...page.items.map(({ workflow_id: id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(seen.slice(0, 5)).toEqual([...ids].reverse());
      expect(new Set(seen).size).toBe(seen.length);
      const none = await fixture.get<{ items: unknown[] }>('/workflows?strategy=council_driven');
      expect(none.items).toEqual([]);
    });

    it('tells why a workflow failed, in the list and in the detail', async () => {
      fixture.model.script({ match: { prompt: 'Fail.' }, status: 400, errorType: 'invalid_request_error' });
      const { workflow_id: failed } = await fixture.execute('Fail.', strategy('direct_execution'));
      const { items } = await fixture.get<{ items: unknown[] }>('/workflows?status=failed&limit=1');
      expect(items).toMatchObject([{ workflow_id: failed, success: false, error_code: 'LLM_UPSTREAM' }]);
      expect(await fixture.get(`/workflows/${failed}`)).toMatchObject({ error_code: 'LLM_UPSTREAM' });
      const { workflow_id: done } = await fixture.execute('Say a word.');
      expect(await fixture.get(`/workflows/${done}`)).toMatchObject({ error_code: null });
    });

    it('shows the detail, the status and the rows of one workflow', async () => {
      const { workflow_id: id, cost_usd: costUsd } = await fixture.execute(
        '[[subtasks:2]]',
        strategy('parallel_execution'),
      );
      expect(await fixture.get(`/workflows/${id}`)).toMatchObject({
        workflow_id: id,
        input: { content: { prompt: '[[subtasks:2]]' } },
        result: { success: true },
        budget: { limit_usd: 5, spent_usd: costUsd, reserved_usd: 0, in_doubt_usd: 0 },
        scores: { success: 1 },
      });
      expect(await fixture.get(`/workflows/${id}/status`)).toMatchObject({
        status: 'completed',
        phase: 'completed',
        progress_percentage: 100,
        agents: { active: 0, completed: 4, failed: 0 },
        cost_usd: costUsd,
        pending_approvals: 0,
        estimated_remaining_ms: 0,
      });
      const thoughts = await fixture.get<{ items: { id: string; depth: number }[] }>(`/thought-trees?root_id=${id}`);
      expect(thoughts.items.map(({ depth }) => depth).sort()).toEqual([0, 1, 1]);
      expect(await fixture.get(`/thought-trees/${id}`)).toMatchObject({ id, root_id: id, parent_id: null });
      const agents = await fixture.get<{ items: { id: string }[] }>(`/agents?thought_tree_id=${id}`);
      expect(agents.items).toHaveLength(2);
      expect(await fixture.get(`/agents/${agents.items[0]?.id ?? ''}`)).toMatchObject(agents.items[0] ?? {});
      expect(await fixture.get(`/orchestrators?thought_tree_id=${id}`)).toMatchObject({
        items: [{ orchestrator_type: 'top_level', status: 'completed', current_active_agents: 0 }],
      });
    });

    it('lists what is active, and nothing that has ended', async () => {
      fixture.model.script({ hold: 'active' });
      const id = await fixture.accept('Wait.');
      await fixture.model.waitFor(1);
      expect(await fixture.get('/workflows/active?limit=5')).toMatchObject({
        active_workflows: [
          { workflow_id: id, status: 'in_progress', goal: 'Wait.', depth: 0, importance_level: 'medium' },
        ],
        count: 1,
        limit: 5,
        offset: 0,
      });
      fixture.model.release('active');
      await fixture.ended(id);
      expect(await fixture.get('/workflows/active')).toMatchObject({ active_workflows: [], count: 0 });
    });

    it('names the strategies that run', async () => {
      const { strategies } = await fixture.get<{ strategies: object }>('/strategies');
      expect(Object.keys(strategies)).toEqual([
        'direct_execution',
        'sequential_decomposition',
        'parallel_execution',
        'recursive_decomposition',
        'council_driven',
        'iterative_refinement',
      ]);
    });
  });
});
