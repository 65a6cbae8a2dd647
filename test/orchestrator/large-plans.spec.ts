import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OrchestratorFixture, uncached } from './orchestrator-fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What finalisers let go of in the turn after a collection goes with the next one. */
const heapMb = async (): Promise<number> => {
  collectGarbage();
  await turn();
  collectGarbage();
  return process.memoryUsage().heapUsed / 1_048_576;
};

/** Generous: what is kept by mistake grows with the runs, and each run here makes hundreds of rows, prompts and answers. */
const ALLOWED_GROWTH_MB = 12;

describe('large workflows', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());

  const run = async (prompt: string, context: Record<string, unknown>): Promise<string> => {
    const id = await fixture.accept(prompt, context);
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    fixture.model.reset();
    return id;
  };

  const growthOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await heapMb();
    // A collection may take longer than an idle connection is kept: the next request must not be sent on one that is just being closed.
    await sleep(200);
    await work();
    return (await heapMb()) - before;
  };

  // Fills what is kept once: prepared statements, templates, connections.
  beforeAll(() =>
    run(
      '[[subtasks:20]] [[decompose:1]]',
      uncached('recursive_decomposition', { resource_limits: { max_subtasks: 20 } }),
    ),
  );

  it('end a plan of 200 subtasks and keep nothing of it in memory', async () => {
    const growth = await growthOf(async () => {
      const limits = { resource_limits: { max_subtasks: 200, max_concurrent_agents: 40 } };
      const id = await run('[[subtasks:200]] [[words:60]]', uncached('parallel_execution', limits));
      const [row] = await fixture.database.query<{ done: number }>(
        `SELECT count(*)::int AS done FROM thought_trees WHERE parent_id = $1 AND status = 'completed'`,
        [id],
      );
      expect(row?.done).toBe(200);
    });
    expect(growth).toBeLessThan(ALLOWED_GROWTH_MB);
  }, 120_000);

  it('end a tree of depth 8 and keep nothing of it in memory', async () => {
    const growth = await growthOf(async () => {
      const limits = { resource_limits: { max_recursion_depth: 8, max_concurrent_agents: 8 } };
      const id = await run('[[subtasks:2]] [[decompose:1]]', uncached('recursive_decomposition', limits));
      const [row] = await fixture.database.query<{ depth: number; thoughts: number; orchestrators: number }>(
        `SELECT max(t.depth) AS depth, count(*)::int AS thoughts, count(o.id)::int AS orchestrators
           FROM thought_trees t LEFT JOIN orchestrators o ON o.thought_tree_id = t.id AND o.status = 'completed'
          WHERE t.root_id = $1 AND t.status = 'completed'`,
        [id],
      );
      expect(row).toEqual({ depth: 8, thoughts: 17, orchestrators: 8 });
    });
    expect(growth).toBeLessThan(ALLOWED_GROWTH_MB);
  }, 120_000);
});
