import { startApp, type TestApp } from '../support/app.js';
import type { ExecuteAnswer, TreeNode } from './orchestrator-fixture.js';

/** NYX without a key: everything that steers is answered by rules. */
describe('offline', () => {
  let nyx: TestApp;

  beforeAll(async () => {
    nyx = await startApp();
  });
  afterAll(() => nyx.close());

  const execute = async (strategy: string, quality: object, content: object): Promise<ExecuteAnswer> => {
    const answer = await nyx.request('operator', 'POST', '/api/v1/orchestrator/workflows/execute', {
      input_type: 'goal' in content ? 'goal_workflow' : 'user_prompt',
      content,
      execution_context: { execution_preferences: { strategy }, quality_settings: quality },
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as ExecuteAnswer;
  };
  const treeOf = async (id: string): Promise<TreeNode> => {
    const answer = await nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}/tree`);
    return ((await answer.json()) as { tree: TreeNode }).tree;
  };

  it('a council speaks, votes and decides on steps of the task, which then run', async () => {
    const prompt = 'Measure the river. Then draw a map of the river. Then write a report about the map.';
    const result = await execute('council_driven', {}, { prompt });
    expect(result).toMatchObject({ success: true, metadata: { provider: 'offline' } });
    const tree = await treeOf(result.workflow_id);
    expect(tree.children.length).toBeGreaterThan(1);
    expect(tree.children.map(({ status }) => status)).toEqual(tree.children.map(() => 'completed'));
    expect(tree.children.map(({ goal }) => goal).join()).toContain('river');
    expect(tree.metadata).toMatchObject({
      councils: { approach: { votes: expect.any(Object) as object, consensus_level: expect.any(String) as string } },
    });
    const votes = tree.llm_interactions.filter(({ purpose }) => purpose.includes(':vote:'));
    expect(votes).toHaveLength(3);
    expect(result.metadata.validation).toMatchObject({ level: 'standard' });
  });

  it('a validator judges criteria one by one, and a refinement ends', async () => {
    const content = {
      goal: { objective: 'Tell about the Elbe.', success_criteria: ['Names the Elbe', 'Names the "Amazon"'] },
    };
    const result = await execute('iterative_refinement', { validation_level: 'standard' }, content);
    expect(result.success).toBe(true);
    expect(result.metadata.success_criteria).toMatchObject([
      { criterion: 'Names the Elbe', met: true },
      { criterion: 'Names the "Amazon"', met: false },
    ]);
    const { children } = await treeOf(result.workflow_id);
    expect(children.length).toBeGreaterThanOrEqual(1);
    expect(children[0]?.metadata.verdict).toHaveProperty('score');
  });
});
