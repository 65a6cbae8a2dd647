import { ModelRefresh } from '../../src/llm/model-refresh.service.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';

const LEFT_OUT = /\[\d+ of 20000 bytes are left out here\]/g;
/** In tokens. */
const WINDOW = 20_000;

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  fixture.model.listModels({ models: [{ id: 'claude-haiku-5-5', line: 'haiku', max_input_tokens: WINDOW }] });
  await fixture.nyx.app.get(ModelRefresh).refresh();
});
afterAll(() => fixture.close());

/** Each prompt of the workflow, by what it was for. */
const promptsOf = async (workflowId: string): Promise<Map<string, string[]>> => {
  const rows = await fixture.database.query<{ purpose: string; prompt: string }>(
    `SELECT purpose, prompt_text AS prompt FROM llm_interactions i JOIN thought_trees t ON t.id = i.thought_tree_id
      WHERE t.root_id = $1 ORDER BY t.position`,
    [workflowId],
  );
  const prompts = new Map<string, string[]>();
  for (const { purpose, prompt } of rows) prompts.set(purpose, [...(prompts.get(purpose) ?? []), prompt]);
  return prompts;
};

it('shows what the smallest model can read of long results, and says so in the result', async () => {
  fixture.model.script({ match: { system: 'one subtask' }, answer: 'x'.repeat(20_000) });
  const result = await fixture.execute('[[subtasks:4]]', strategy('parallel_execution'));
  expect(result.success).toBe(true);
  const [synthesis = ''] = (await promptsOf(result.workflow_id)).get('synthesis') ?? [];
  expect(synthesis.match(LEFT_OUT)).toHaveLength(4);
  expect(Buffer.byteLength(synthesis)).toBeLessThan(WINDOW * 2);
  expect(result.metadata.warnings).toEqual([
    expect.stringMatching(/^4 of the 4 results were too long together for the model: it was shown 5\d\d\d bytes/),
  ]);
});

it('does so with the results that a subtask builds on', async () => {
  fixture.model.reset();
  fixture.model.listModels({ models: [{ id: 'claude-haiku-5-5', line: 'haiku', max_input_tokens: WINDOW / 2 }] });
  await fixture.nyx.app.get(ModelRefresh).refresh();
  fixture.model.script({ match: { system: 'one subtask' }, answer: 'x'.repeat(20_000) });
  const result = await fixture.execute('[[subtasks:2]] [[chain]]', strategy('sequential_decomposition'));
  expect(result.success).toBe(true);
  const [first = '', second = ''] = (await promptsOf(result.workflow_id)).get('subtask') ?? [];
  expect(first).not.toMatch(LEFT_OUT);
  expect(second.match(LEFT_OUT)).toHaveLength(1);
});

it('does so with what the part of a sub-orchestrator builds on', async () => {
  fixture.model.reset();
  fixture.model.script({ match: { system: 'results of its subtasks' }, answer: 'x'.repeat(20_000) });
  const result = await fixture.execute('[[subtasks:2]] [[decompose]] [[chain]]', {
    ...strategy('recursive_decomposition'),
    resource_limits: { max_recursion_depth: 2, max_cost_usd: 5 },
  });
  expect(result.success).toBe(true);
  const shared = await fixture.database.query<{ shared: number }>(
    `SELECT count(*)::int AS shared FROM llm_interactions i JOIN thought_trees t ON t.id = i.thought_tree_id
      WHERE t.root_id = $1 AND t.depth = 2 AND i.prompt_text ~ 'of 20000 bytes are left out here'`,
    [result.workflow_id],
  );
  expect(shared).toEqual([{ shared: 2 }]);
});

it('an agent of a small model is shown what it can read of what its tools bring, also the first time', async () => {
  fixture.model.reset();
  const write = { operation: 'write_file', path: 'long.txt', content: 'y'.repeat(60_000) };
  await fixture.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
    tool_name: 'file_operations',
    parameters: write,
  });
  const read = { name: 'file_operations', input: { operation: 'read_file', path: 'long.txt' } };
  fixture.model.script({ match: { turn: 1 }, toolUses: [read, read] }, { match: { turn: 2 }, answer: 'It is long.' });
  const result = await fixture.execute('Read it twice.', {
    execution_preferences: { strategy: 'direct_execution', tools: ['file_operations'] },
  });
  expect(result).toMatchObject({ success: true, content: 'It is long.' });
  const last = fixture.model.requests.at(-1);
  expect(JSON.stringify(last?.body).length).toBeLessThan(WINDOW * 3);
  expect(JSON.stringify(last?.body)).toMatch(/bytes are left out here/);
});

it('shows results whole where the model of the workflow can read them', async () => {
  fixture.model.reset();
  fixture.model.script({ match: { system: 'one subtask' }, answer: 'x'.repeat(20_000) });
  const preferences = { strategy: 'parallel_execution', model: 'claude-sonnet-5-5' };
  const result = await fixture.execute('[[subtasks:4]]', { execution_preferences: preferences });
  expect(result).toMatchObject({ success: true, metadata: { warnings: [] } });
  const [synthesis = ''] = (await promptsOf(result.workflow_id)).get('synthesis') ?? [];
  expect(Buffer.byteLength(synthesis)).toBeGreaterThan(4 * 20_000);
});
