import { fitting, isWorthSummary } from '../../src/orchestrator/memory/note-room.rules.js';
import { OrchestratorFixture, uncached, type ExecuteAnswer } from './orchestrator-fixture.js';

describe('what is remembered', () => {
  const notes = (count: number, bytes: number) => Array.from({ length: count }, () => ({ content: 'x'.repeat(bytes) }));

  it('is worth a call when several notes are together twice as long as there is room for', () => {
    expect(isWorthSummary(notes(4, 4_000))).toBe(false);
    expect(isWorthSummary(notes(5, 4_000))).toBe(true);
    expect(isWorthSummary(notes(1, 100_000))).toBe(false);
    expect(isWorthSummary([])).toBe(false);
    expect(fitting(notes(5, 4_000))).toHaveLength(4);
  });
});

describe('the memory agent', () => {
  let fixture: OrchestratorFixture;
  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
    for (let n = 0; n < 6; n += 1) {
      const content = `Zeppelin hangar ${n}: ${`the doors of hangar ${n} jam when it is cold. `.repeat(100)}`;
      const body = { scope: 'global', memory_type: 'learning', content };
      const answer = await fixture.nyx.request('operator', 'POST', '/api/v1/orchestrator/memories', body);
      expect(answer.status).toBe(201);
    }
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const asksMemory = { system: 'memory of NYX' };
  const planned = (prompt: string): Promise<ExecuteAnswer> => fixture.execute(prompt, uncached('parallel_execution'));
  const asked = (system: string): string[] =>
    fixture.model.requests.filter((request) => request.system.includes(system)).map(({ prompt }) => prompt);
  const notesIn = (prompt = ''): number => prompt.match(/<memory_note_/g)?.length ?? 0;
  const memoryAgents = (workflowId: string) =>
    fixture.database.query<{
      id: string;
      status: string;
      confidence: number;
      transitions: string[];
      sources: string[];
    }>(
      `SELECT a.id, a.status, (a.state#>>'{result,confidence}')::float8 AS confidence, a.context->'memories' AS sources,
              ARRAY(SELECT t->>'status' FROM jsonb_array_elements(a.state->'transitions') t) AS transitions
         FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1 AND a.agent_type = 'memory'`,
      [workflowId],
    );
  const steps = async (workflowId: string): Promise<string[]> =>
    (
      await fixture.database.query<{ name: string }>(
        `SELECT function_name AS name FROM durable.operation_outputs WHERE workflow_uuid = $1 AND function_name !~ 'DBOS|branch'
          ORDER BY function_id`,
        [workflowId],
      )
    ).map(({ name }) => name);

  it('condenses what is too much for the planner’s prompt, is paid once, and stands in the tree', async () => {
    fixture.model.script({ match: asksMemory, answer: { summary: 'Doors jam in the cold.', confidence: 0.9 } });
    const result = await planned('Zeppelin hangar doors.');
    expect(result).toMatchObject({ success: true, metadata: { warnings: [] } });
    const [request, ...others] = asked('memory of NYX');
    expect(others).toEqual([]);
    expect(notesIn(request)).toBe(6);
    const [plan] = asked('planner of NYX');
    expect(notesIn(plan)).toBe(1);
    expect(plan).toContain('Doors jam in the cold.');
    const [agent, ...more] = await memoryAgents(result.workflow_id);
    expect(more).toEqual([]);
    expect(agent).toMatchObject({
      status: 'completed',
      confidence: 0.9,
      transitions: ['spawned', 'active', 'completed'],
    });
    expect(agent?.sources).toHaveLength(6);
    expect((await fixture.tree(result.workflow_id)).agents.map(({ id }) => id)).toContain(agent?.id);
    expect((await steps(result.workflow_id)).slice(0, 6)).toEqual([
      ...['begin', 'plan', 'memory', 'memory:write', 'plan:recalled', 'plan:write'],
    ]);
    const { items } = await fixture.get<{ items: { content: string; metadata: object }[] }>(
      `/memories?scope=thought_tree&scope_key=${result.workflow_id}`,
    );
    expect(items).toMatchObject([{ content: 'Doors jam in the cold.', metadata: { summary_of: agent?.sources } }]);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('is not there where what is remembered has room', async () => {
    const result = await planned('Paint a bicycle.');
    expect(asked('memory of NYX')).toEqual([]);
    expect(await memoryAgents(result.workflow_id)).toEqual([]);
    expect((await steps(result.workflow_id)).slice(0, 3)).toEqual(['begin', 'plan', 'plan:write']);
  });

  it('is not there where cost or time is saved, and in no plan below the top', async () => {
    for (const focus of ['cost', 'speed']) {
      await fixture.execute('Zeppelin hangar doors, cheap.', {
        execution_preferences: { strategy: 'parallel_execution', optimization_focus: focus },
      });
    }
    expect(asked('memory of NYX')).toEqual([]);
    fixture.model.reset();
    const below = { id: 'a', title: 'Zeppelin hangar doors', instructions: 'Go.', dependencies: [], decompose: true };
    fixture.model.script(
      { match: asksMemory, answer: { summary: 'Doors.' } },
      {
        match: { schema: 'subtasks' },
        answer: { subtasks: [{ ...below, kind: 'content_generation' }] },
        times: 1,
      },
    );
    await fixture.execute('Zeppelin hangar doors, all.', uncached('recursive_decomposition'));
    expect(asked('memory of NYX')).toHaveLength(1);
    const [top, sub, ...others] = asked('planner of NYX');
    expect(others).toEqual([]);
    expect(notesIn(top)).toBe(1);
    expect(notesIn(sub)).toBeGreaterThan(1);
  });

  it('that brings nothing usable in its two tries costs the workflow no more than a warning', async () => {
    fixture.model.script({ match: asksMemory, answer: { summary: ' ' } });
    const result = await planned('Zeppelin hangar doors again.');
    expect(result.success).toBe(true);
    expect(asked('memory of NYX')).toHaveLength(2);
    expect(await memoryAgents(result.workflow_id)).toMatchObject([{ status: 'failed' }]);
    expect(result.metadata.warnings).toEqual([expect.stringContaining('was not condensed')]);
    expect(notesIn(asked('planner of NYX')[0])).toBeGreaterThan(1);
  });

  it('that fails with words no row can keep costs it no more either', async () => {
    const half = { status: 400, errorType: 'invalid_request_error', errorMessage: 'cannot read "\uD83D\u0000"' };
    fixture.model.script({ match: asksMemory, ...half });
    const result = await planned('Zeppelin hangar doors, once again.');
    expect(result.success).toBe(true);
    expect(result.metadata.warnings).toEqual([expect.stringMatching(/was not condensed.*cannot read "\uFFFD\uFFFD"/)]);
  });

  it('is not asked again when the workflow is retried after it', async () => {
    fixture.model.script(
      { match: asksMemory, answer: { summary: 'Oil the doors.' } },
      { match: { system: 'planner of NYX' }, status: 400, errorType: 'invalid_request_error', times: 1 },
    );
    const { workflow_id: id, success } = await planned('Zeppelin hangar doors once more.');
    expect(success).toBe(false);
    const retry = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(retry.status).toBe(202);
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(asked('memory of NYX')).toHaveLength(1);
    expect(asked('planner of NYX').map((prompt) => prompt.includes('Oil the doors.'))).toEqual([true, true]);
  });

  it('is not asked for what came to be known while the planner was at work', async () => {
    fixture.model.script(
      { match: { system: 'planner of NYX' }, hold: 'plan', answer: { subtasks: [] }, times: 1 },
      { match: asksMemory, answer: { summary: 'Doors.' } },
    );
    const id = await fixture.accept('Marmalade jars.', uncached('parallel_execution'));
    await fixture.model.waitFor(1);
    for (let n = 0; n < 6; n += 1) {
      const body = { scope: 'global', memory_type: 'learning', content: `Marmalade jars ${n} leak. `.repeat(160) };
      const answer = await fixture.nyx.request('operator', 'POST', '/api/v1/orchestrator/memories', body);
      expect(answer.status).toBe(201);
    }
    fixture.model.release('plan');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(asked('memory of NYX')).toEqual([]);
    expect(asked('planner of NYX').map(notesIn)).toEqual([0, 0]);
  });

  it('stays as it ended, and so does a planner after it, when a retry goes on without them', async () => {
    fixture.model.script(
      { match: asksMemory, answer: { summary: ' ' } },
      { match: { schema: 'subtasks' }, answer: { subtasks: [] } },
      { match: { schema: false }, status: 400, errorType: 'invalid_request_error', times: 1 },
    );
    const { workflow_id: id, success } = await planned('Zeppelin hangar doors, and again.');
    expect(success).toBe(false);
    const agents = async () => {
      const { agents: all } = await fixture.tree(id);
      return all.flatMap(({ agent_class: kind, status, state }) =>
        kind === 'structured_execution' ? [] : [{ kind, status, error: state.result?.error }],
      );
    };
    const before = await agents();
    expect(before.map(({ status }) => status)).toEqual(['failed', 'failed']);
    const retry = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(retry.status).toBe(202);
    const { success: succeeds, result } = await fixture.ended(id);
    expect(succeeds).toBe(true);
    expect(await agents()).toEqual(before);
    expect(result.metadata.warnings.filter((text) => text.includes('was not condensed'))).toHaveLength(1);
    expect(result.metadata.warnings.filter((text) => text.includes('Executed directly'))).toHaveLength(1);
  });
});
