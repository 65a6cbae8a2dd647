import { Database } from '../../src/database/database.service.js';
import { ExploreRecentFailure } from '../../src/motivation/motivations/explore-recent-failure.motivation.js';
import { RefineLowConfidence } from '../../src/motivation/motivations/refine-low-confidence.motivation.js';
import { ResolveUnfinishedTasks } from '../../src/motivation/motivations/resolve-unfinished-tasks.motivation.js';
import { startApp, type TestApp } from '../support/app.js';
import { HOUR, hours, minutes, World } from './motivation-world.js';

let nyx: TestApp;
const visit = (work: (world: World) => Promise<void>): Promise<void> => World.visit(nyx.app.get(Database), work);

beforeAll(async () => {
  nyx = await startApp();
});
afterAll(async () => {
  await nyx.close();
});

/** A little within, and a little outside of, a time that ends so long ago. */
const within = (seconds: number): number => seconds - 5;
const outside = (seconds: number): number => seconds + 5;

async function times(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
  for (let number = 0; number < count; number += 1) await work(number);
}

describe('resolve_unfinished_tasks', () => {
  const resolve = (): ResolveUnfinishedTasks => nyx.app.get(ResolveUnfinishedTasks);
  const boostOf = async ({ tx }: World): Promise<number> => resolve().boost(await resolve().look(tx));

  it.each([
    [0, 0],
    [1, 0.1],
    [4, 0.4],
    [5, 0.5],
    [8, 0.5],
  ])('is boosted by %i failures of a day by %f', (count, boost) =>
    visit(async (world) => {
      await times(count, () => world.workflow());
      expect(await boostOf(world)).toBeCloseTo(boost, 12);
    }),
  );

  it('counts what ended badly within 24 h, of people and of schedules', () =>
    visit(async (world) => {
      const failed = await world.workflow({ ended: within(hours(24)) });
      const fired = await world.workflow({ origin: 'schedule', status: 'cancelled' });
      await world.workflow({ ended: outside(hours(24)) });
      await world.workflow({ status: 'completed' });
      await world.workflow({ status: 'in_progress' });
      const { rows, count } = await resolve().look(world.tx);
      expect(count).toBe(2);
      expect(rows.map(({ id }) => id)).toEqual([failed, fired]);
    }));

  it('never takes up what NYX itself failed at, so it cannot pay for its own failures for ever', () =>
    visit(async (world) => {
      await times(20, () => world.workflow({ origin: 'motivation' }));
      expect(await resolve().look(world.tx)).toMatchObject({ count: 0, rows: [] });
    }));

  it('leaves alone what a restart did not end: successes and running work', () =>
    visit(async (world) => {
      await times(5, () => world.workflow({ status: 'completed' }));
      await times(5, () => world.workflow({ status: 'in_progress' }));
      expect(await boostOf(world)).toBe(0);
    }));

  it.each([
    ['completed', 0],
    ['in_progress', 0],
    ['pending', 0],
    ['failed', 1],
    ['cancelled', 1],
  ] as const)('with a continuation that is %s counts %i', (status, count) =>
    visit(async (world) => {
      const parentId = await world.workflow();
      await world.workflow({ status, parentId, origin: 'motivation' });
      expect((await resolve().look(world.tx)).count).toBe(count);
    }),
  );

  it('leaves out what is taken, until it is free again', () =>
    visit(async (world) => {
      const [taken, free, others] = [await world.workflow(), await world.workflow(), await world.workflow()];
      await world.take('resolve_unfinished_tasks', `workflow:${taken}`);
      await world.take('resolve_unfinished_tasks', `workflow:${free}`, -1);
      await world.take('refine_low_confidence', `workflow:${others}`);
      const { rows } = await resolve().look(world.tx);
      expect(rows.map(({ id }) => id).sort()).toEqual([free, others].sort());
    }));

  it('takes what failed before what somebody cancelled', () =>
    visit(async (world) => {
      await world.workflow({ status: 'cancelled', ended: minutes(1) });
      const failed = await world.workflow({ ended: hours(20) });
      expect((await resolve().look(world.tx)).rows[0]?.id).toBe(failed);
    }));
});

describe('refine_low_confidence', () => {
  const refine = (): RefineLowConfidence => nyx.app.get(RefineLowConfidence);
  const unsure = async (world: World, facts: Partial<Parameters<World['answer']>[0]> = {}): Promise<string> => {
    const workflowId = await world.workflow({ status: 'completed' });
    return world.answer({ workflowId, confidence: 0.3, ...facts });
  };

  it.each([
    [0, 0],
    [1, 0.05],
    [5, 0.25],
    [6, 0.3],
    [9, 0.3],
  ])('is boosted by %i unsure outputs by %f', (count, boost) =>
    visit(async (world) => {
      await times(count, () => unsure(world));
      expect(refine().boost(await refine().look(world.tx))).toBeCloseTo(boost, 12);
    }),
  );

  it('goes by the reported number, under 0.5, and by no word of the answer', () =>
    visit(async (world) => {
      const low = await unsure(world, { confidence: 0.49, text: 'It is certain.' });
      await unsure(world, { confidence: 0.5, text: 'low confidence, not sure, could be better' });
      await unsure(world, { confidence: null, text: 'low confidence, uncertain, "confidence": 0.1' });
      expect((await refine().look(world.tx)).rows.map(({ id }) => id)).toEqual([low]);
    }));

  it('counts results of 6 h of workflows that completed and that NYX did not think of', () =>
    visit(async (world) => {
      const counted = await unsure(world, { age: within(hours(6)) });
      await unsure(world, { age: outside(hours(6)) });
      for (const facts of [
        { status: 'failed' },
        { status: 'in_progress' },
        { status: 'completed', origin: 'motivation' },
      ] as const)
        await world.answer({ workflowId: await world.workflow(facts), confidence: 0.1 });
      expect((await refine().look(world.tx)).rows.map(({ id }) => id)).toEqual([counted]);
    }));

  it('counts what became a result, of a subtask or of the whole, and no vote or replaced try', () =>
    visit(async (world) => {
      const workflowId = await world.workflow({ status: 'completed', result: 'Twelve.' });
      const whole = await world.answer({ workflowId, confidence: 0.4, text: 'Twelve.', isResult: false });
      const thoughtId = await world.thought({ rootId: workflowId });
      const part = await world.answer({ workflowId, thoughtId, confidence: 0.2 });
      await world.answer({ workflowId, thoughtId, confidence: 0.1, isResult: false });
      await world.answer({ workflowId, confidence: 0.1, text: 'Eleven.', isResult: false });
      expect((await refine().look(world.tx)).rows.map(({ id }) => id)).toEqual([part, whole]);
    }));

  it('leaves out what is taken, and what a later workflow continues', () =>
    visit(async (world) => {
      const [taken, continued] = [
        await world.workflow({ status: 'completed' }),
        await world.workflow({ status: 'completed' }),
      ];
      for (const workflowId of [taken, continued]) await world.answer({ workflowId, confidence: 0.1 });
      expect((await refine().look(world.tx)).count).toBe(2);
      await world.take('refine_low_confidence', `workflow:${taken}`);
      await world.workflow({ status: 'completed', parentId: continued });
      expect((await refine().look(world.tx)).count).toBe(0);
    }));
});

describe('explore_recent_failure', () => {
  const explore = (): ExploreRecentFailure => nyx.app.get(ExploreRecentFailure);
  const failures = (world: World, tool: string, count: number, facts: Partial<Parameters<World['run']>[0]> = {}) =>
    times(count, () => world.run({ tool, ...facts }));

  it.each([
    [0, 0],
    [1, 0.1],
    [4, 0.4],
    [6, 0.4],
  ])('is boosted by %i failing tools by %f', (count, boost) =>
    visit(async (world) => {
      await times(count, (number) => failures(world, `tool_${number}`, 3));
      expect(explore().boost(await explore().look(world.tx))).toBeCloseTo(boost, 12);
    }),
  );

  it('takes three failures of one tool within an hour', () =>
    visit(async (world) => {
      await failures(world, 'two', 2);
      await failures(world, 'late', 2);
      await failures(world, 'late', 4, { age: outside(HOUR) });
      await failures(world, 'three', 2);
      await failures(world, 'three', 1, { age: within(HOUR) });
      expect((await explore().look(world.tx)).rows.map(({ id }) => id)).toEqual(['three']);
    }));

  it('counts no refusal of policy, no lost run and no success as a failure of the tool', () =>
    visit(async (world) => {
      for (const status of ['refused', 'unknown', 'succeeded'] as const) await failures(world, status, 5, { status });
      expect((await explore().look(world.tx)).count).toBe(0);
    }));

  it('tells each error once with the last run that ended with it, the worst tool first', () =>
    visit(async (world) => {
      await failures(world, 'clips', 2, { error: 'Timeout', age: minutes(20) });
      const last = await world.run({ tool: 'clips', error: 'Timeout', age: minutes(10), input: { path: 'a.txt' } });
      await world.run({ tool: 'clips', error: 'No such file', age: minutes(15) });
      await failures(world, 'pens', 3);
      const { rows, count } = await explore().look(world.tx);
      expect(count).toBe(2);
      expect(rows.map(({ id, failures: failed }) => [id, failed])).toEqual([
        ['clips', 4],
        ['pens', 3],
      ]);
      expect(rows[0]?.errors).toMatchObject([
        { message: 'Timeout', times: 3, executionId: last, input: '{"path": "a.txt"}' },
        { message: 'No such file', times: 1 },
      ]);
    }));

  it('leaves out a tool that is taken', () =>
    visit(async (world) => {
      await failures(world, 'clips', 3);
      await world.take('explore_recent_failure', 'tool:clips');
      expect((await explore().look(world.tx)).count).toBe(0);
    }));
});
