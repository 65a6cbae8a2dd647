import { startApp, type TestApp } from '../support/app.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});
afterAll(() => nyx.close());

async function post<T>(path: string, body: object): Promise<T> {
  const response = await nyx.request('operator', 'POST', path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

it('sums a text up over HTTP, for nothing', async () => {
  const text =
    'Tea is a drink. Green tea and black tea are tea. My cat is called Bob. Black tea is oxidised green tea.';
  const answer = await post('/api/v1/llm/generate', { user_prompt: `Summarise in two sentences:\n\n${text}` });
  expect(answer).toMatchObject({
    success: true,
    provider: 'offline',
    stop_reason: 'end_turn',
    content:
      '[offline: put together by rules, no model was asked]\n\nAsked: Summarise in two sentences\n\n' +
      '[An extract: 2 of 4 sentences, word for word]\n\nGreen tea and black tea are tea. Black tea is oxidised green tea.',
    usage: { total_cost_usd: 0 },
  });
});

it('decomposes a numbered list into subtasks that follow each other, and brings their results together', async () => {
  interface Workflow {
    readonly workflow_id: string;
    readonly content: string;
  }
  const workflow = await post<Workflow>('/api/v1/orchestrator/workflows/execute', {
    input_type: 'user_prompt',
    content: { prompt: 'We run a shop.\n\n1. Name the goods\n2. Name the prices\n3. Compare them' },
    execution_context: { execution_preferences: { strategy: 'sequential_decomposition' } },
  });
  expect(workflow).toMatchObject({ success: true, cost_usd: 0, metadata: { agents: { total: 5, completed: 5 } } });
  for (const step of ['Name the goods', 'Name the prices', 'Compare them'])
    expect(workflow.content).toContain(`- ${step}`);
  const path = `/api/v1/orchestrator/workflows/${workflow.workflow_id}/tree`;
  const { tree } = (await (await nyx.request('viewer', 'GET', path)).json()) as {
    tree: { children: { goal: string; llm_interactions: { prompt_text: string }[] }[] };
  };
  expect(tree.children.map(({ goal }) => goal)).toEqual(['Name the goods', 'Name the prices', 'Compare them']);
  expect(tree.children[2]?.llm_interactions[0]?.prompt_text).toContain('Asked: Name the prices');
});
