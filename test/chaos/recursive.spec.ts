import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpProcesses } from '../support/process.js';
import { Chaos } from './chaos-fixture.js';

/** Three plans, three syntheses, and the seven subtasks that are not decomposed. */
const CALLS = 13;
const PROMPT = 'Write a book. [[subtasks:3]] [[decompose:1]]';
const CONTEXT = {
  execution_preferences: { strategy: 'recursive_decomposition' },
  resource_limits: { max_recursion_depth: 3, max_concurrent_agents: 4 },
};

/** What has to be the same however often a process died: the tree with its orchestrators. */
async function shapeOf(chaos: Chaos, workflowId: string): Promise<unknown[]> {
  const { rows } = await chaos.sql.query<Record<string, unknown>>(
    `SELECT t.depth, t.goal, t.status, o.orchestrator_type AS orchestrator, o.status AS orchestrated
       FROM thought_trees t LEFT JOIN orchestrators o ON o.thought_tree_id = t.id
      WHERE t.root_id = $1 ORDER BY t.depth, t.position, t.goal`,
    [workflowId],
  );
  return rows;
}

describe('a workflow with sub-orchestrators', () => {
  afterAll(cleanUpProcesses);

  let undisturbed: { content: string; shape: unknown[] } | undefined;

  it.each([3, 7, 11])(
    'survives kill -9 after %i calls at any level without paying twice',
    async (afterRequests) => {
      const chaos = await Chaos.begin();
      try {
        chaos.model.script({ delayMs: 25 });
        const first = await chaos.startNyx();
        if (undisturbed === undefined) {
          const id = await chaos.accept(first, PROMPT, CONTEXT);
          await chaos.untilEnded([id]);
          expect(chaos.model.requests).toHaveLength(CALLS);
          const content = (await chaos.workflow(first, id)).result?.content ?? '';
          undisturbed = { content, shape: await shapeOf(chaos, id) };
          chaos.model.reset();
          chaos.model.script({ delayMs: 25 });
        }
        const id = await chaos.accept(first, PROMPT, CONTEXT);
        await chaos.model.waitFor(afterRequests);
        await sleep(Math.random() * 25);
        await chaos.kill(first);
        const inFlight = (await chaos.calls(id)).filter(({ status }) => status !== 'succeeded').length;
        const second = await chaos.startNyx();
        await chaos.untilEnded([id]);
        const workflow = await chaos.workflow(second, id);
        expect(workflow).toMatchObject({ status: 'completed', success: true });
        expect(workflow.result?.content).toBe(undisturbed.content);
        expect(await shapeOf(chaos, id)).toEqual(undisturbed.shape);
        await chaos.expectConsistent(id);
        expect(chaos.model.requests.length - CALLS).toBeLessThanOrEqual(inFlight);
        expect(workflow.cost_usd).toBe(chaos.chargedOnce());
      } catch (error) {
        throw new Error(`After ${afterRequests} calls: ${String(error)}${chaos.logs()}`, { cause: error });
      } finally {
        await chaos.end();
      }
    },
    120_000,
  );

  it('is shared by two replicas: both run children of it', async () => {
    const chaos = await Chaos.begin();
    try {
      chaos.model.script({ delayMs: 20 });
      const replicas = await Promise.all([chaos.startNyx(), chaos.startNyx()]);
      const context = {
        execution_preferences: { strategy: 'recursive_decomposition', parallelization: 'aggressive' },
        resource_limits: { max_recursion_depth: 2, max_concurrent_agents: 40, max_subtasks: 20 },
      };
      let executors = 0;
      // Which replica finds a child first is chance; in ten workflows of a hundred children each it is not always the same.
      for (let turn = 0; turn < 10 && executors < 2; turn += 1) {
        const id = await chaos.accept(replicas[turn % 2] ?? replicas[0], '[[subtasks:16]] [[decompose:3]]', context);
        await chaos.untilEnded([id]);
        expect(await chaos.workflow(replicas[0], id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        const { rows } = await chaos.sql.query<{ executors: number }>(
          `WITH RECURSIVE family AS (
             SELECT workflow_uuid, executor_id FROM durable.workflow_status WHERE workflow_uuid = $1
             UNION SELECT child.workflow_uuid, child.executor_id FROM durable.workflow_status child
                     JOIN family ON child.parent_workflow_id = family.workflow_uuid
           )
           SELECT count(DISTINCT executor_id)::int AS executors FROM family`,
          [id],
        );
        executors = rows[0]?.executors ?? 0;
      }
      expect(executors).toBe(2);
    } finally {
      await chaos.end();
    }
  }, 120_000);
});
