import { setTimeout as sleep } from 'node:timers/promises';
import { Chaos } from './chaos-fixture.js';

/** 12 model calls: the plan, ten subtasks, the synthesis. */
const CALLS = 12;

export interface CrashPoint {
  readonly strategy: 'sequential_decomposition' | 'parallel_execution';
  /** The process is killed this long after the model server has got this many requests. */
  readonly afterRequests: number;
  readonly delayMs: number;
}

const promptOf = ({ strategy }: CrashPoint): string =>
  `Write ten chapters. [[subtasks:10]] ${strategy === 'parallel_execution' ? '[[parallel]]' : '[[chain]]'}`;

const contextOf = ({ strategy }: CrashPoint): object => ({
  execution_preferences: { strategy },
  resource_limits: { max_subtasks: 10, max_concurrent_agents: 4 },
});

/** What the workflow answers when nobody disturbs it. */
export async function undisturbedContent(point: CrashPoint): Promise<string> {
  const chaos = await Chaos.begin();
  try {
    const nyx = await chaos.startNyx();
    const id = await chaos.accept(nyx, promptOf(point), contextOf(point));
    await chaos.untilEnded([id]);
    expect(chaos.model.requests).toHaveLength(CALLS);
    return (await chaos.workflow(nyx, id)).result?.content ?? '';
  } finally {
    await chaos.end();
  }
}

/** Kills the process at the point, starts another, and checks that nothing was lost and nothing was paid twice. */
export async function surviveCrash(point: CrashPoint, expectedContent: string): Promise<void> {
  const chaos = await Chaos.begin();
  try {
    chaos.model.script({ delayMs: 25 });
    const first = await chaos.startNyx();
    const id = await chaos.accept(first, promptOf(point), contextOf(point));
    await chaos.model.waitFor(point.afterRequests);
    await sleep(point.delayMs);
    await chaos.kill(first);
    const atKill = await chaos.calls(id);

    const second = await chaos.startNyx();
    await chaos.untilEnded([id]);
    const workflow = await chaos.workflow(second, id);
    expect(workflow).toMatchObject({ status: 'completed', success: true });
    expect(workflow.result?.content).toBe(expectedContent);
    await chaos.expectConsistent(id);

    const inFlight = new Set(
      atKill.filter(({ status }) => status !== 'succeeded').map(({ prompt_text: prompt }) => prompt),
    );
    const after = await chaos.calls(id);
    const finished = after.filter(({ status }) => status === 'succeeded');
    expect(finished).toHaveLength(CALLS);
    for (const { prompt_text: prompt } of finished) {
      const asked = chaos.timesAsked(prompt);
      if (inFlight.has(prompt)) expect(asked).toBeLessThanOrEqual(2);
      else expect([prompt.slice(0, 60), asked]).toEqual([prompt.slice(0, 60), 1]);
    }
    expect(chaos.model.requests.length - CALLS).toBeLessThanOrEqual(inFlight.size);
    expect(workflow.cost_usd).toBe(chaos.chargedOnce());
  } catch (error) {
    throw new Error(`Crash point ${JSON.stringify(point)}: ${String(error)}${chaos.logs()}`, { cause: error });
  } finally {
    await chaos.end();
  }
}
