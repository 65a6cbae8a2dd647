import { OrchestratorFixture, uncached, type TreeNode } from './orchestrator-fixture.js';

const RECURSIVE = 'recursive_decomposition';

interface Orchestrator {
  id: string;
  parent: string | null;
  thought: string;
  type: string;
  status: string;
  agents: number;
  limit: number | null;
  spent: number;
}

const depthOf = (node: TreeNode): number => Math.max(0, ...node.children.map((child) => 1 + depthOf(child)));
const all = (node: TreeNode): TreeNode[] => [node, ...node.children.flatMap(all)];

describe('recursive decomposition', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const orchestrators = (workflowId: string): Promise<Orchestrator[]> =>
    fixture.database.query<Orchestrator>(
      `SELECT o.id, o.parent_orchestrator_id AS parent, o.thought_tree_id AS thought, o.orchestrator_type AS type, o.status,
              o.max_concurrent_agents AS agents, b.limit_usd::float8 AS limit, b.spent_usd::float8 AS spent
         FROM orchestrators o JOIN thought_trees t ON t.id = o.thought_tree_id
         LEFT JOIN budget_scopes b ON b.kind = 'workflow'
              AND b.key = CASE o.orchestrator_type WHEN 'sub' THEN o.id::text ELSE t.root_id::text END
        WHERE t.root_id = $1 ORDER BY t.depth, t.position`,
      [workflowId],
    );

  /** What was asked for a thought, by purpose. */
  const asked = async (thoughtId: string): Promise<Map<string, { prompt: string; answer: string }>> => {
    const rows = await fixture.database.query<{ purpose: string; prompt: string; answer: string }>(
      'SELECT purpose, prompt_text AS prompt, response_text AS answer FROM llm_interactions WHERE thought_tree_id = $1',
      [thoughtId],
    );
    return new Map(rows.map(({ purpose, prompt, answer }) => [purpose, { prompt, answer }]));
  };

  it('plans, does and synthesises each level below the one above: nothing made below is thrown away', async () => {
    const result = await fixture.execute(
      'Write a book. [[subtasks:2]] [[decompose]] [[chain]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 3, max_concurrent_agents: 6, max_cost_usd: 5 } }),
    );
    expect(result).toMatchObject({ success: true, metadata: { strategy: RECURSIVE } });
    const tree = await fixture.tree(result.workflow_id);
    expect(depthOf(tree)).toBe(3);
    expect(all(tree).map(({ status }) => status)).toEqual(Array<string>(15).fill('completed'));
    const leaves = all(tree).filter(({ children }) => children.length === 0);
    expect(leaves).toHaveLength(8);
    for (const parent of all(tree).filter(({ children }) => children.length > 0)) {
      const synthesis = (await asked(parent.id)).get('synthesis');
      for (const child of parent.children) {
        const made = await asked(child.id);
        expect(synthesis?.prompt).toContain((made.get('synthesis') ?? made.get('subtask'))?.answer);
      }
    }
    expect(result.content).toBe((await asked(tree.id)).get('synthesis')?.answer);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('keeps a row, a share of the budget and of the agents for each sub-orchestrator', async () => {
    const result = await fixture.execute(
      '[[subtasks:2]] [[decompose]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 2, max_concurrent_agents: 5, max_cost_usd: 5 } }),
    );
    expect(result.success).toBe(true);
    const [top, ...subs] = await orchestrators(result.workflow_id);
    expect(top).toMatchObject({ parent: null, type: 'top_level', status: 'completed', agents: 5, limit: 5 });
    expect(top?.spent).toBe(result.cost_usd);
    expect(subs).toHaveLength(2);
    // Five agents for two, and of what is left three parts each, with one kept for the synthesis.
    expect(subs.map(({ agents }) => agents)).toEqual([3, 2]);
    for (const sub of subs) {
      expect(sub).toMatchObject({ parent: top?.id, type: 'sub', status: 'completed' });
      expect(sub.limit).toBeGreaterThan(2);
      expect(sub.limit).toBeLessThan((5 * 3) / 7 + 1e-9);
      expect(sub.spent).toBeGreaterThan(0);
    }
    expect(subs.reduce((sum, { spent }) => sum + spent, 0)).toBeLessThan(result.cost_usd);
  });

  it('tells a sub-orchestrator and its agents the whole task, the way to their part, and what that builds on', async () => {
    const result = await fixture.execute(
      'Write a book. [[subtasks:2]] [[decompose]] [[chain]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 2 } }),
    );
    const tree = await fixture.tree(result.workflow_id);
    const [first, second] = tree.children;
    const firstResult = (await asked(first?.id ?? '')).get('synthesis')?.answer ?? 'none';
    for (const thought of [second, ...(second?.children ?? [])]) {
      for (const [purpose, { prompt }] of await asked(thought?.id ?? '')) {
        expect([purpose, prompt]).toEqual([purpose, expect.stringContaining('Write a book.')]);
        expect(prompt).toContain('<part>\nPart 2\n\nDo part 2 of 2.\n</part>');
        expect(prompt).toContain(firstResult);
      }
    }
    expect((await asked(first?.children[0]?.id ?? '')).get('subtask')?.prompt).not.toContain('<part>\nPart 2');
  });

  it('has one agent do what the depth limit leaves no level for, and says so', async () => {
    const result = await fixture.execute(
      '[[subtasks:2]] [[decompose:1]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 1 } }),
    );
    expect(result.success).toBe(true);
    expect(depthOf(await fixture.tree(result.workflow_id))).toBe(1);
    expect(result.metadata.warnings).toEqual([expect.stringMatching(/^The depth limit of 1 was reached: 1 subtasks/)]);
    expect(await orchestrators(result.workflow_id)).toHaveLength(1);
  });

  it('goes three levels of sub-orchestrators below the top when nobody says more', async () => {
    const result = await fixture.execute('[[subtasks:1]] [[decompose]]', uncached(RECURSIVE));
    expect(depthOf(await fixture.tree(result.workflow_id))).toBe(4);
    expect(await orchestrators(result.workflow_id)).toHaveLength(4);
    expect(result.metadata.warnings.join()).toContain('The depth limit of 4');
  });

  it('goes no deeper than the system allows', async () => {
    const put = (value: number): Promise<Response> =>
      fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_recursion_depth', { config_value: value });
    expect((await put(2)).status).toBe(200);
    try {
      const result = await fixture.execute(
        '[[subtasks:1]] [[decompose]]',
        uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 6 } }),
      );
      expect(depthOf(await fixture.tree(result.workflow_id))).toBe(2);
      expect(result.metadata.warnings.join()).toContain('max_recursion_depth is 6, but the system allows 2.');
    } finally {
      expect((await put(10)).status).toBe(200);
    }
  });

  it('gives what a sub-orchestrator made upwards when it could not end well', async () => {
    fixture.model.script({ match: { prompt: /<subtask>\nPart 2/ }, status: 400, errorType: 'invalid_request_error' });
    const result = await fixture.execute(
      '[[subtasks:2]] [[decompose:1]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 2 } }),
    );
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
    const tree = await fixture.tree(result.workflow_id);
    const [sub] = tree.children;
    expect(sub).toMatchObject({ status: 'failed', metadata: { code: 'LLM_UPSTREAM' } });
    expect(sub?.metadata['reason']).toContain('1 of 2 subtasks have no result (Part 2). Done: Part 1.');
    const partial = (await asked(sub?.id ?? '')).get('synthesis')?.answer ?? 'none';
    expect((await asked(tree.id)).get('synthesis')?.prompt).toContain(partial);
  });

  it('hands on the parts where a sub-orchestrator has no synthesis of them', async () => {
    fixture.model.script({
      match: { system: 'synthesising agent', prompt: '<part>' },
      status: 400,
      errorType: 'invalid_request_error',
    });
    const result = await fixture.execute(
      '[[subtasks:2]] [[decompose:1]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 2 } }),
    );
    expect(result.success).toBe(false);
    const tree = await fixture.tree(result.workflow_id);
    const prompt = (await asked(tree.id)).get('synthesis')?.prompt ?? '';
    for (const part of tree.children[0]?.children ?? []) {
      expect(prompt).toContain(`Part 1 / ${part.goal}`);
      expect(prompt).toContain((await asked(part.id)).get('subtask')?.answer);
    }
  });

  it('skips a decomposed subtask whose dependency has no result', async () => {
    fixture.model.script({ match: { schema: 'subtasks', prompt: '<part>\nPart 1' }, answer: { subtasks: [] } });
    fixture.model.script({
      match: { system: 'whole task', prompt: '<part>\nPart 1' },
      status: 400,
      errorType: 'invalid_request_error',
    });
    const result = await fixture.execute('[[subtasks:2]] [[decompose]] [[chain]]', {
      execution_preferences: { strategy: RECURSIVE, caching_strategy: 'disabled', failure_tolerance: 'low' },
      resource_limits: { max_recursion_depth: 2 },
    });
    expect(result.success).toBe(false);
    expect((await fixture.tree(result.workflow_id)).children).toMatchObject([
      { status: 'failed' },
      { status: 'cancelled', metadata: { reason: 'no result of: Part 1' }, agents: [], children: [] },
    ]);
  });

  it('announces progress that never falls nor passes 100', async () => {
    const result = await fixture.execute(
      '[[subtasks:3]] [[decompose:2]]',
      uncached(RECURSIVE, { resource_limits: { max_recursion_depth: 3 } }),
    );
    const rows = await fixture.database.query<{ percentage: number }>(
      `SELECT (data->>'progress_percentage')::float8 AS percentage FROM workflow_events
        WHERE workflow_id = $1 AND data ? 'progress_percentage' ORDER BY seq`,
      [result.workflow_id],
    );
    const seen = rows.map(({ percentage }) => percentage);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(8);
    expect(seen.at(-1)).toBe(100);
    expect(seen.at(-2)).toBeLessThanOrEqual(90);
  });
});
