import fc from 'fast-check';
import type { RecordedRequest } from '../support/model-server.js';
import { OrchestratorFixture, uncached } from './orchestrator-fixture.js';

interface Graph {
  readonly dependencies: readonly (readonly number[])[];
  readonly strategy: string;
  readonly atOnce: number;
  readonly delaysMs: readonly number[];
}

const MAX_SUBTASKS = 10;

/** Any plan without circles: each subtask may need those before it; each takes a time of its own. */
const graphs: fc.Arbitrary<Graph> = fc
  .record({
    links: fc.array(fc.array(fc.nat(MAX_SUBTASKS), { maxLength: 3 }), { minLength: 1, maxLength: MAX_SUBTASKS }),
    strategy: fc.constantFrom('parallel_execution', 'recursive_decomposition', 'sequential_decomposition'),
    atOnce: fc.integer({ min: 1, max: 4 }),
    delaysMs: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: MAX_SUBTASKS, maxLength: MAX_SUBTASKS }),
  })
  .map(({ links, ...rest }) => ({
    ...rest,
    dependencies: links.map((of, index) => (index === 0 ? [] : [...new Set(of.map((link) => link % index))])),
  }));

const titleOf = (index: number): string => `Node ${String(index).padStart(2, '0')}`;

/** The rules of scheduling have properties of their own; here NYX runs the graphs. */
describe('any plan', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());

  const script = ({ dependencies, delaysMs, strategy }: Graph): void => {
    const subtasks = dependencies.map((needed, index) => ({
      id: `n${index}`,
      title: titleOf(index),
      instructions: `Do ${index}.`,
      dependencies: needed.map((each) => `n${each}`),
      kind: 'content_generation',
      ...(strategy === 'recursive_decomposition' && { decompose: false }),
    }));
    fixture.model.script(
      { match: { schema: 'subtasks' }, answer: { subtasks } },
      ...dependencies.map((_, index) => ({
        match: { system: 'one subtask', prompt: `<subtask>\n${titleOf(index)}` },
        delayMs: delaysMs[index],
      })),
    );
  };
  const requestOf = (index: number): RecordedRequest => {
    const found = fixture.model.requests.filter(({ prompt }) => prompt.includes(`<subtask>\n${titleOf(index)}`));
    expect(found).toHaveLength(1);
    return found[0] as RecordedRequest;
  };

  it('is run to its end, each subtask once and after what it needs, never more at once than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        fixture.model.reset();
        script(graph);
        const { dependencies, strategy, atOnce } = graph;
        const limits = { resource_limits: { max_concurrent_agents: atOnce, max_subtasks: MAX_SUBTASKS } };
        const answer = await fixture.execute('Follow the plan.', uncached(strategy, limits));
        expect(answer).toMatchObject({ success: true, metadata: { warnings: [] } });
        const requests = dependencies.map((_, index) => requestOf(index));
        for (const [index, needed] of dependencies.entries()) {
          // What a subtask needs stands in what it is told, so it had ended.
          for (const each of needed) {
            expect(requests[index]?.prompt).toContain(titleOf(each));
            expect(requests[index]?.index).toBeGreaterThan(requests[each]?.index ?? Infinity);
          }
        }
        const [row] = await fixture.database.query<{ most: number; done: number }>(
          `WITH spans AS (
             SELECT a.created_at, a.completed_at, t.status FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
              WHERE t.parent_id = $1
           )
           SELECT count(*) FILTER (WHERE status = 'completed')::int AS done,
                  max((SELECT count(*)::int FROM spans b
                        WHERE b.created_at <= a.created_at AND b.completed_at > a.created_at)) AS most
             FROM spans a`,
          [answer.workflow_id],
        );
        expect(row?.done).toBe(dependencies.length);
        expect(row?.most).toBeLessThanOrEqual(atOnce);
        const early = await fixture.database.query(
          `SELECT 1 FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
             JOIN LATERAL jsonb_array_elements_text(t.metadata->'dependencies') needed(id) ON true
             JOIN agents before ON before.thought_tree_id = needed.id::uuid
            WHERE t.parent_id = $1 AND before.completed_at > a.created_at`,
          [answer.workflow_id],
        );
        expect(early).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
