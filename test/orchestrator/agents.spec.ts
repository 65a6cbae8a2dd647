import { TASK_KINDS } from '../../src/orchestrator/planning/plan.rules.js';
import { kindOf } from '../../src/orchestrator/planning/task-kinds.rules.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';
import { NotesTool } from './tool-shelf.js';

interface Agent {
  status: string;
  current_recursion_depth: number;
  max_recursion_depth: number;
  state: {
    transitions: { status: string; at: string }[];
    attempts?: { code: string; message: string; interaction_id?: string }[];
    result: Record<string, unknown> & { tokens: { input: number; output: number } };
  };
}

let fixture: OrchestratorFixture;
const notes = new NotesTool();

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  fixture.nyx.app.get(ToolRegistry).register(notes);
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.model.reset();
  notes.clear();
});

const agentsOf = async (workflowId: string): Promise<Agent[]> => {
  const rows = await fixture.database.query<{ id: string }>(
    `SELECT a.id FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1 ORDER BY a.created_at, a.id`,
    [workflowId],
  );
  return Promise.all(rows.map(({ id }) => fixture.get<Agent>(`/agents/${id}`)));
};
const onlyAgentOf = async (workflowId: string): Promise<Agent> => {
  const [agent, ...others] = await agentsOf(workflowId);
  expect(others).toEqual([]);
  if (agent === undefined) throw new Error('There is no agent.');
  return agent;
};
const statuses = ({ state }: Agent): string[] => state.transitions.map(({ status }) => status);
const read = (name: string) => ({ name: 'notes', input: { operation: 'read', name } });

describe('an agent', () => {
  it('keeps what it became and when, and how it ended, with a content that says nothing of confidence', async () => {
    notes.notes.set('a', 'Note a.');
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [read('a')] },
      { match: { turn: 2 }, answer: 'It says 😀.\n\n<confidence>0.85</confidence>' },
    );
    const result = await fixture.execute('Read a.');
    expect(result).toMatchObject({ success: true, content: 'It says 😀.' });
    const agent = await onlyAgentOf(result.workflow_id);
    expect(statuses(agent)).toEqual(['spawned', 'active', 'waiting', 'active', 'completed']);
    for (const { at } of agent.state.transitions) expect(Number.isNaN(Date.parse(at))).toBe(false);
    expect(agent).toMatchObject({ current_recursion_depth: 0, max_recursion_depth: 4 });
    const { metadata, cost_usd: costUsd } = result;
    expect(agent.state.result).toMatchObject({
      ...{ success: true, content: 'It says 😀.', content_length: 10, confidence: 0.85, confidence_reported: true },
      ...{ cost_usd: costUsd, retries: 0, tokens: { input: metadata.tokens.input, output: metadata.tokens.output } },
    });
    const calls = await fixture.database.query(
      'SELECT confidence, response_text FROM llm_interactions WHERE workflow_id = $1 ORDER BY request_timestamp',
      [result.workflow_id],
    );
    expect(calls).toMatchObject([
      { confidence: null },
      { confidence: 0.85, response_text: 'It says 😀.\n\n<confidence>0.85</confidence>' },
    ]);
    const waiting = await fixture.database.query(
      `SELECT data->>'agent_status' AS status FROM workflow_events WHERE workflow_id = $1 AND type = 'llm.completed' ORDER BY seq`,
      [result.workflow_id],
    );
    expect(waiting).toEqual([{ status: 'waiting' }, { status: null }]);
  });

  it('that does not say how sure it is counts as half sure', async () => {
    fixture.model.script({ answer: 'Well.\n<confidence>very</confidence>' });
    const { workflow_id: id, content } = await fixture.execute('What is a pen?');
    expect(content).toBe('Well.');
    const { state } = await onlyAgentOf(id);
    expect(state.result).toMatchObject({ confidence: 0.5, confidence_reported: false, content: 'Well.' });
  });

  it('of a plan has its depth; others build on its content, and planners say how sure they are too', async () => {
    const subtasks = [
      { id: 'a', title: 'First', instructions: 'Do it.', dependencies: [], kind: 'content_generation' },
      { id: 'b', title: 'Second', instructions: 'Use it.', dependencies: ['a'], kind: 'content_generation' },
    ];
    fixture.model.script(
      { answer: 'A text.\n<confidence>0.7</confidence>' },
      { match: { schema: 'subtasks' }, answer: { subtasks, confidence: 0.4 } },
    );
    const { workflow_id: id } = await fixture.execute('Do two things.', strategy('sequential_decomposition'));
    const agents = await agentsOf(id);
    expect(agents.map(({ state }) => state.result.confidence).sort()).toEqual([0.4, 0.7, 0.7, 0.7]);
    expect(agents.map(({ current_recursion_depth: depth }) => depth).sort()).toEqual([0, 0, 1, 1]);
    const prompts = fixture.model.requests.map(({ prompt }) => prompt);
    expect(prompts.filter((prompt) => prompt.includes('A text.'))).toHaveLength(2);
    for (const prompt of prompts) expect(prompt).not.toContain('</confidence>');
  });

  it('is terminated by a cancel, unless it has ended', async () => {
    notes.meeting = 2;
    fixture.model.script({ toolUses: [{ name: 'notes', input: { operation: 'write', name: 'a', content: 'b' } }] });
    const id = await fixture.accept('Write and wait.');
    while (notes.record.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    const agent = await onlyAgentOf(id);
    expect(agent.status).toBe('terminated');
    expect(statuses(agent)).toEqual(['spawned', 'active', 'waiting', 'terminated']);
  });
});

describe('the tries of an agent', () => {
  it('tell its model what was wrong, and stay on record', async () => {
    fixture.model.script({ answer: 'Whole.' }, { answer: 'Half', stopReason: 'max_tokens', times: 1 });
    const result = await fixture.execute('What is a pen?');
    expect(result).toMatchObject({ success: true, content: 'Whole.' });
    expect(fixture.model.requests).toHaveLength(2);
    expect(fixture.model.requests[1]?.prompt).toContain('could not be used: The answer was cut off at max_tokens.');
    const agent = await onlyAgentOf(result.workflow_id);
    const [first, second] = (await fixture.tree(result.workflow_id)).llm_interactions;
    expect(agent.state.attempts).toEqual([
      { code: 'LLM_TRUNCATED', message: 'The answer was cut off at max_tokens.', interaction_id: first?.id },
    ]);
    expect(second?.purpose).toBe('direct:try-2');
    expect(agent.state.result).toMatchObject({ retries: 1, cost_usd: fixture.model.totalChargedUsd().toNumber() });
    expect(result.metadata.scores).toMatchObject({ quality: 0.9 });
  });

  it('of a model that answers 500 for ever cost five calls, each on record', async () => {
    fixture.model.script({ status: 500 });
    const result = await fixture.execute('What is a pen?');
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    expect(fixture.model.requests).toHaveLength(5);
    const { llm_interactions: calls } = await fixture.tree(result.workflow_id);
    expect(calls.map(({ purpose }) => purpose)).toEqual([
      ...['direct', 'direct', 'direct', 'direct:try-2', 'direct:try-3'],
    ]);
    const { state, status } = await onlyAgentOf(result.workflow_id);
    expect(status).toBe('failed');
    expect(state.attempts).toHaveLength(2);
  });

  it('stay on record with what they cost when a synthesis fails after them', async () => {
    const match = { system: 'synthesising agent' };
    fixture.model.script(
      { match, status: 400, errorType: 'invalid_request_error' },
      { match, answer: 'Half', stopReason: 'max_tokens', times: 1 },
    );
    const { workflow_id: id } = await fixture.execute('[[subtasks:1]]', strategy('parallel_execution'));
    const { agents, llm_interactions: calls } = await fixture.tree(id);
    const paid = calls.find(({ purpose }) => purpose === 'synthesis')?.cost_usd;
    expect(paid).toBeGreaterThan(0);
    expect(agents.find(({ agent_class: kind }) => kind === 'content_generation')).toMatchObject({
      status: 'failed',
      state: { attempts: [{ code: 'LLM_TRUNCATED' }], result: { retries: 1, cost_usd: paid } },
    });
  });

  it('are not for what stays as it is', async () => {
    fixture.model.script({ status: 401 });
    expect(await fixture.execute('What is a pen?')).toMatchObject({ success: false });
    expect(fixture.model.requests).toHaveLength(1);
  });
});

describe('the loop guard', () => {
  it('gives an agent that repeats itself one last turn', async () => {
    notes.notes.set('a', 'Note a.');
    fixture.model.script({ toolUses: [read('a')] }, { match: { turn: 4 }, answer: 'It is always the same.' });
    const result = await fixture.execute('Read for ever.');
    expect(result).toMatchObject({ success: true, content: 'It is always the same.' });
    expect(result.metadata.warnings).toEqual([expect.stringContaining('the same call 3 times with the same result')]);
    expect(fixture.model.requests[3]?.body).toMatchObject({ tool_choice: { type: 'none' } });
    expect(fixture.model.requests).toHaveLength(4);
  });

  it('fails one that goes on', async () => {
    fixture.model.script({ toolUses: [read('nothing')] });
    const result = await fixture.execute('Read for ever.');
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'AGENT_LOOP' } });
    expect(fixture.model.requests).toHaveLength(4);
  });
});

describe('the kind of a task', () => {
  it('shapes how each is asked, how long it may answer, and by which model', async () => {
    const subtasks = TASK_KINDS.map((kind) => ({ id: kind, title: kind, instructions: 'Go.', dependencies: [], kind }));
    fixture.model.script({ answer: '{}' }, { match: { schema: 'subtasks' }, answer: { subtasks } });
    const { success } = await fixture.execute('Do it all.', {
      execution_preferences: {
        ...{ strategy: 'parallel_execution', caching_strategy: 'disabled', optimization_focus: 'quality' },
      },
      resource_limits: { max_subtasks: 16 },
    });
    expect(success).toBe(true);
    for (const kind of TASK_KINDS) {
      const asked = fixture.model.requests.filter(({ prompt }) => prompt.includes(`<subtask>\n${kind}\n`));
      const { guidance, maxAnswerTokens, demand } = kindOf(kind);
      expect(asked).toHaveLength(1);
      expect(asked[0]?.prompt).toContain(guidance);
      expect(asked[0]?.body).toMatchObject({ max_tokens: maxAnswerTokens });
      expect(asked[0]?.model).toContain(demand === 'usual' ? 'sonnet' : 'opus');
    }
  });

  it('whose answer has to be JSON asks once for it, and takes then what there is', async () => {
    const subtask = { id: 'a', title: 'Data', instructions: 'Go.', dependencies: [], kind: 'structured_extraction' };
    fixture.model.script(
      { answer: '{"sum": 4}', match: { prompt: 'not JSON and nothing else' } },
      { match: { schema: 'subtasks' }, answer: { subtasks: [subtask] } },
    );
    const good = await fixture.execute('Extract.', strategy('sequential_decomposition'));
    expect(fixture.model.requests).toHaveLength(4);
    expect(good).toMatchObject({ success: true });
    fixture.model.reset();
    fixture.model.script({ match: { schema: 'subtasks' }, answer: { subtasks: [subtask] } });
    const { workflow_id: id } = await fixture.execute('Extract.', strategy('sequential_decomposition'));
    expect(fixture.model.requests).toHaveLength(4);
    const extracting = (await agentsOf(id)).find(({ current_recursion_depth: depth }) => depth === 1);
    expect(extracting?.state.result).toMatchObject({
      success: true,
      warnings: ['The answer is not JSON and nothing else.'],
    });
  });
});
