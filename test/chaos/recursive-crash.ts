import { setTimeout as sleep } from 'node:timers/promises';
import { Chaos, randomFrom } from './chaos-fixture.js';

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

export interface Undisturbed {
  readonly content: string;
  readonly shape: readonly unknown[];
}

/** What the workflow comes to when nobody disturbs it. */
export async function undisturbedRecursion(): Promise<Undisturbed> {
  const chaos = await Chaos.begin();
  try {
    const nyx = await chaos.startNyx();
    const id = await chaos.accept(nyx, PROMPT, CONTEXT);
    await chaos.untilEnded([id]);
    expect(chaos.model.requests).toHaveLength(CALLS);
    return { content: (await chaos.workflow(nyx, id)).result?.content ?? '', shape: await shapeOf(chaos, id) };
  } finally {
    await chaos.end();
  }
}

/** Kills the process at a point that the seed chooses, starts another, and checks that nothing was lost and nothing paid twice. */
export async function surviveKilledRecursion(seed: number, undisturbed: Undisturbed): Promise<void> {
  const random = randomFrom(seed);
  const afterRequests = 1 + Math.floor(random() * (CALLS - 1));
  const chaos = await Chaos.begin();
  try {
    chaos.model.script({ delayMs: 25 });
    const first = await chaos.startNyx();
    const id = await chaos.accept(first, PROMPT, CONTEXT);
    await chaos.model.waitFor(afterRequests);
    await sleep(random() * 25);
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
    throw new Error(`Seed ${seed}, after ${afterRequests} calls: ${String(error)}${chaos.logs()}`, { cause: error });
  } finally {
    await chaos.end();
  }
}
