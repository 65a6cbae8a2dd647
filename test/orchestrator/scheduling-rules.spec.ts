import fc from 'fast-check';
import { planErrors, type PlannedSubtask } from '../../src/orchestrator/planning/plan.rules.js';
import { startable, type Schedulable } from '../../src/orchestrator/strategies/scheduling.rules.js';

interface Task extends Schedulable {
  readonly isDecomposed: boolean;
}

/** Any plan without circles: each subtask may depend on those before it. */
const plans = fc
  .array(fc.record({ links: fc.array(fc.nat(30), { maxLength: 4 }), isDecomposed: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((nodes): Task[] =>
    nodes.map(({ links, isDecomposed }, index) => ({
      thoughtId: `t${index}`,
      isDecomposed,
      dependencies: index === 0 ? [] : [...new Set(links.map((link) => `t${link % index}`))],
    })),
  );

/** Runs a plan as `PlanExecution` does; `pick` says which of what runs ends next, `limitAt` how many may work after so many ends. */
function simulate(plan: readonly Task[], limitAt: (ended: number) => number, pick: (running: number) => number) {
  const ended = new Set<string>();
  const running: { id: string; agents: number }[] = [];
  let waiting = plan;
  const steps: {
    started: { task: Task; agents: number }[];
    taken: number;
    limit: number;
    running: number;
    readyLeft: number;
  }[] = [];
  while (waiting.length > 0 || running.length > 0) {
    const limit = limitAt(ended.size);
    const before = running.reduce((sum, { agents }) => sum + agents, 0);
    const starts = startable(waiting, ended, { atOnce: limit, taken: before }, ({ isDecomposed }) => isDecomposed);
    for (const { subtask, agents } of starts) {
      expect(subtask.dependencies.filter((id) => !ended.has(id))).toEqual([]);
      running.push({ id: subtask.thoughtId, agents });
    }
    waiting = waiting.filter((task) => !starts.some(({ subtask }) => subtask === task));
    steps.push({
      started: starts.map(({ subtask: task, agents }) => ({ task, agents })),
      taken: running.reduce((sum, { agents }) => sum + agents, 0),
      limit,
      running: running.length,
      readyLeft: waiting.filter(({ dependencies }) => dependencies.every((id) => ended.has(id))).length,
    });
    expect(running.length).toBeGreaterThan(0);
    const [next] = running.splice(pick(running.length) % running.length, 1);
    ended.add(next?.id ?? '');
  }
  return { ended, steps };
}

describe('what of a plan starts when', () => {
  it('runs every subtask of any graph once, after its dependencies, never more at once than allowed, and ends', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.nat(100)), (plan, limit, picks) => {
        const { ended, steps } = simulate(
          plan,
          () => limit,
          () => (picks.next().value as number | undefined) ?? 0,
        );
        expect(ended.size).toBe(plan.length);
        expect(steps.flatMap(({ started }) => started.map(({ task }) => task.thoughtId)).toSorted()).toEqual(
          plan.map(({ thoughtId }) => thoughtId).toSorted(),
        );
        for (const { taken, started } of steps) {
          expect(taken).toBeLessThanOrEqual(limit);
          for (const { agents } of started) expect(agents).toBeGreaterThanOrEqual(1);
          for (const { task, agents } of started) if (!task.isDecomposed) expect(agents).toBe(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no place free that something plain could start in', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 12 }), (plan, limit) => {
        const plain = plan.map((task) => ({ ...task, isDecomposed: false }));
        const { steps } = simulate(
          plain,
          () => limit,
          () => 0,
        );
        for (const { readyLeft, running } of steps) if (readyLeft > 0) expect(running).toBe(limit);
      }),
    );
  });

  it('starts nothing more while a limit that fell is passed by what runs already, and goes on after', () => {
    fc.assert(
      fc.property(plans, fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 }), (plan, limits) => {
        const { ended, steps } = simulate(
          plan,
          (count) => limits[count % limits.length] ?? 1,
          () => 0,
        );
        expect(ended.size).toBe(plan.length);
        for (const { started, taken, limit } of steps) if (started.length > 0) expect(taken).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('divides places among those that are decomposed, and gives each plain subtask one', () => {
    const task = (thoughtId: string, isDecomposed: boolean): Task => ({ thoughtId, isDecomposed, dependencies: [] });
    const agentsOf = (plan: Task[], atOnce: number, taken = 0): number[] =>
      startable(plan, new Set(), { atOnce, taken }, ({ isDecomposed }) => isDecomposed).map(({ agents }) => agents);
    expect(agentsOf([task('a', true), task('b', true), task('c', false)], 8)).toEqual([4, 3, 1]);
    expect(agentsOf([task('a', true)], 8, 5)).toEqual([3]);
    expect(agentsOf([task('a', true), task('b', true), task('c', true)], 2)).toEqual([1, 1]);
    expect(agentsOf([task('a', true)], 2, 2)).toEqual([]);
  });

  it('refuses at planning what could never be run to its end', () => {
    fc.assert(
      fc.property(plans, fc.nat(30), (plan, from) => {
        const subtasks = plan.map(({ thoughtId: id, dependencies }): PlannedSubtask => {
          return { id, title: id, instructions: id, dependencies, kind: 'content_generation' };
        });
        expect(planErrors(subtasks, 30)).toEqual([]);
        const at = from % subtasks.length;
        const circular = subtasks.map((subtask, index) =>
          index === at ? { ...subtask, dependencies: [...subtask.dependencies, subtask.id] } : subtask,
        );
        expect(planErrors(circular, 30)).toEqual(['the dependencies form a circle']);
      }),
    );
  });
});
