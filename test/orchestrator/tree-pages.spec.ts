import { newId } from '../../src/database/ids.js';
import { currentRequestId } from '../../src/http/request-context.js';
import { hearStatements } from '../support/statements.js';
import { OrchestratorFixture, type TreeNode } from './orchestrator-fixture.js';

interface Node extends TreeNode {
  parent_id: string | null;
  importance_level: string;
  omitted: number;
  llm_interactions: (TreeNode['llm_interactions'][number] & { response_text: string; is_shortened: boolean })[];
  children: Node[];
}

interface Page {
  workflow_id: string;
  tree?: Node;
  branches: Node[];
  next_cursor: string | null;
}

const NOWHERE = '019ab0c4-5d6e-7f80-9123-456789abcdef';

/** Root, 9 under it, 110 under each of those. */
const GROUPS = 9;
const OF_A_GROUP = 110;
const THOUGHTS = 1 + GROUPS + GROUPS * OF_A_GROUP;
const PROMPT = 'p'.repeat(9_000);

const flat = (node: Node): Node[] => [node, ...node.children.flatMap(flat)];

describe('the tree of a workflow', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());

  const page = (id: string, query = ''): Promise<Page> => fixture.get<Page>(`/workflows/${id}/tree${query}`);
  /** A page, and how many statements it took: what NYX asks by itself meanwhile is not the request's. */
  const queriesOf = async (id: string, query = ''): Promise<{ answer: Page; queries: number }> => {
    const { database } = fixture;
    const requestId = newId();
    let queries = 0;
    const stop = hearStatements(database, ({ text }) => {
      // Who it is is asked now and then, whatever is requested.
      if (currentRequestId() === requestId && !text.includes('FROM sessions')) queries += 1;
    });
    try {
      const path = `/api/v1/orchestrator/workflows/${id}/tree${query}`;
      const answer = await fixture.nyx.request('viewer', 'GET', path, undefined, { 'x-request-id': requestId });
      expect(answer.status).toBe(200);
      return { answer: (await answer.json()) as Page, queries };
    } finally {
      stop();
    }
  };

  describe('with 1,000 thoughts', () => {
    let id: string;
    let crowded: string;

    beforeAll(async () => {
      ({ workflow_id: id } = await fixture.execute('Grow a tree.'));
      const under = (parents: string, count: number, depth: number): Promise<unknown> =>
        fixture.database.query(
          `INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, status, completed_at)
           SELECT gen_random_uuid(), p.id, $1, 'thought ' || n, $3, n, 'completed', now()
             FROM (${parents}) p, generate_series(1, $2) n ORDER BY random()`,
          [id, count, depth],
        );
      await under('SELECT id FROM thought_trees WHERE id = $1', GROUPS, 1);
      await under('SELECT id FROM thought_trees WHERE root_id = $1 AND depth = 1', OF_A_GROUP, 2);
      await fixture.database.query(
        `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status)
         SELECT gen_random_uuid(), id, 'task', 'content_generation', 'completed' FROM thought_trees
          WHERE root_id = $1 AND depth > 0`,
        [id],
      );
      await fixture.database.query(
        `INSERT INTO llm_interactions (id, thought_tree_id, workflow_id, purpose, provider, model, status, prompt_text, response_text, success)
         SELECT gen_random_uuid(), id, $1, 'subtask', 'anthropic', 'm', 'succeeded', $2, 'answer of ' || id, true FROM thought_trees
          WHERE root_id = $1 AND depth > 0`,
        [id, PROMPT],
      );
      const [thought] = await fixture.database.query<{ id: string }>(
        'SELECT id FROM thought_trees WHERE root_id = $1 AND depth = 2 ORDER BY id LIMIT 1',
        [id],
      );
      crowded = thought?.id ?? '';
      await fixture.database.query(
        `INSERT INTO tool_executions (id, thought_tree_id, principal_id, executor_id, claim_id, tool_name, tool_class, status, success, completed_at)
         SELECT gen_random_uuid(), $1, 'p', 'e', gen_random_uuid(), 'file_operations', 'files', 'succeeded', true, now() FROM generate_series(1, 30)`,
        [crowded],
      );
    });

    it('is answered whole with two queries, its texts by their beginnings', async () => {
      const { answer, queries } = await queriesOf(id);
      expect(queries).toBe(2);
      expect(answer).toMatchObject({ workflow_id: id, branches: [], next_cursor: null });
      const root = answer.tree;
      if (root === undefined) throw new Error('There is no tree.');
      const nodes = flat(root);
      expect(nodes).toHaveLength(THOUGHTS);
      expect(root.children).toHaveLength(GROUPS);
      for (const group of root.children) {
        expect(group.parent_id).toBe(id);
        expect(group.children.map(({ goal }) => goal)).toEqual(
          Array.from({ length: OF_A_GROUP }, (_, index) => `thought ${index + 1}`),
        );
      }
      const rows = await fixture.database.query<{ thought: string; interaction: string; agent: string }>(
        `SELECT t.id AS thought, i.id AS interaction, a.id AS agent FROM thought_trees t
           JOIN llm_interactions i ON i.thought_tree_id = t.id JOIN agents a ON a.thought_tree_id = t.id
          WHERE t.root_id = $1 AND t.depth > 0`,
        [id],
      );
      const byId = new Map(nodes.map((node) => [node.id, node]));
      expect(rows).toHaveLength(THOUGHTS - 1);
      let shown = 0;
      for (const { thought, interaction, agent } of rows) {
        const node = byId.get(thought);
        expect(node?.agents.map((each) => each.id)).toEqual([agent]);
        expect(node?.llm_interactions).toMatchObject([
          { id: interaction, is_shortened: true, response_text: `answer of ${thought}` },
        ]);
        const text = node?.llm_interactions[0]?.prompt_text ?? '';
        expect(PROMPT.startsWith(text) && text.length >= 100 && text.length <= 2_000).toBe(true);
        shown += text.length;
        expect(node?.omitted).toBe(thought === crowded ? 5 : 0);
      }
      expect(shown).toBeLessThan(4_000_000);
      expect(byId.get(crowded)?.tool_executions).toHaveLength(25);
      expect(root.llm_interactions).toMatchObject([{ purpose: 'direct', is_shortened: false }]);
      const [first] = rows;
      const whole = await fixture.nyx.request('viewer', 'GET', `/api/v1/llm/interactions/${first?.interaction ?? ''}`);
      expect(await whole.json()).toMatchObject({ prompt_text: PROMPT });
    });

    it('comes page by page, a parent never after its children', async () => {
      const seen = new Map<string, Node>();
      let cursor: string | null = null;
      let pages = 0;
      do {
        const query: string = `?limit=300${cursor === null ? '' : `&cursor=${cursor}`}`;
        const { answer, queries }: { answer: Page; queries: number } = await queriesOf(id, query);
        expect(queries).toBe(2);
        expect(answer.tree === undefined).toBe(pages > 0);
        const tops: Node[] = answer.tree === undefined ? answer.branches : [answer.tree];
        for (const node of tops.flatMap(flat)) {
          expect(seen.has(node.id)).toBe(false);
          expect(node.parent_id === null || seen.has(node.parent_id)).toBe(true);
          seen.set(node.id, node);
        }
        cursor = answer.next_cursor;
        pages += 1;
      } while (cursor !== null);
      expect(pages).toBe(Math.ceil(THOUGHTS / 300));
      expect(seen.size).toBe(THOUGHTS);
    });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['cursor=abc', 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { workflow_id: id } = await fixture.execute('Say a word.');
    const answer = await fixture.nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}/tree?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });

  it('is not there for a workflow that is not there', async () => {
    const answer = await fixture.nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${NOWHERE}/tree`);
    expect(answer.status).toBe(404);
  });

  describe('of which a thought is changed', () => {
    const change = (id: string, body: unknown, role: 'operator' | 'viewer' = 'operator'): Promise<Response> =>
      fixture.nyx.request(role, 'PATCH', `/api/v1/orchestrator/thought-trees/${id}`, body);

    it('shows its importance and notes wherever it is shown', async () => {
      const { workflow_id: id } = await fixture.execute('Say a word.');
      const answer = await change(id, { importance_level: 'high', metadata: { reviewed_by: 'ada', stars: 3 } });
      expect(answer.status).toBe(200);
      const changed = { importance_level: 'high', metadata: { reviewed_by: 'ada', stars: 3 } };
      expect(await answer.json()).toMatchObject({ id, ...changed });
      expect((await change(id, { metadata: { stars: null, team: 'blue' } })).status).toBe(200);
      const now = { importance_level: 'high', metadata: { reviewed_by: 'ada', team: 'blue' } };
      const [thought] = (await fixture.get<{ items: unknown[] }>(`/thought-trees?root_id=${id}`)).items;
      expect(thought).toMatchObject(now);
      expect(thought).not.toHaveProperty('metadata.stars');
      expect(await fixture.get(`/thought-trees/${id}`)).toEqual(thought);
      expect((await page(id)).tree).toMatchObject(now);
    });

    it('keeps every note when many are written at once', async () => {
      const { workflow_id: id } = await fixture.execute('Say a word.');
      const names = Array.from({ length: 10 }, (_, index) => `note${index}`);
      await Promise.all(names.map((name) => change(id, { metadata: { [name]: true } })));
      const { metadata } = await fixture.get<{ metadata: object }>(`/thought-trees/${id}`);
      expect(Object.keys(metadata).sort()).toEqual(names);
    });

    it('does not let anybody change what workflows run by', async () => {
      const { workflow_id: id } = await fixture.execute('[[subtasks:2]]', {
        execution_preferences: { strategy: 'parallel_execution' },
      });
      const child = (await page(id)).tree?.children[0];
      const answer = await change(child?.id ?? '', { importance_level: 'low', metadata: { instructions: 'Stop.' } });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'metadata.instructions' }] });
      expect((await page(id)).tree?.children[0]).toEqual(child);
    });

    it.each<[string, unknown, string]>([
      ['nothing', {}, 'importance_level'],
      ['an unknown importance', { importance_level: 'huge' }, 'importance_level'],
      ['no importance', { importance_level: null }, 'importance_level'],
      ['metadata that is no object', { metadata: [] }, 'metadata'],
      ['too much metadata', { metadata: { text: 'x'.repeat(20_000) } }, 'metadata'],
      ['an unknown member', { goal: 'Another one' }, 'goal'],
    ])('refuses %s and changes nothing', async (_what, body, field) => {
      const { workflow_id: id } = await fixture.execute('Say a word.');
      const before = await fixture.get(`/thought-trees/${id}`);
      const answer = await change(id, body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error_code: 'VALIDATION_ERROR', errors: [{ field }] });
      expect(await fixture.get(`/thought-trees/${id}`)).toEqual(before);
    });

    it('is not for viewers, nor for what is not there', async () => {
      const { workflow_id: id } = await fixture.execute('Say a word.');
      expect((await change(id, { importance_level: 'low' }, 'viewer')).status).toBe(403);
      expect((await change(NOWHERE, { importance_level: 'low' })).status).toBe(404);
    });
  });
});
