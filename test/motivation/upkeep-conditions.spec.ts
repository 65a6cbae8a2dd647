import { Database } from '../../src/database/database.service.js';
import { IdleExploration } from '../../src/motivation/motivations/idle-exploration.motivation.js';
import { MaximizeCoverage } from '../../src/motivation/motivations/maximize-coverage.motivation.js';
import { RevisitOldThoughts } from '../../src/motivation/motivations/revisit-old-thoughts.motivation.js';
import { STRATEGIES } from '../../src/orchestrator/workflows/workflow.values.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { startApp, type TestApp } from '../support/app.js';
import { hours, minutes, World } from './motivation-world.js';

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

describe('maximize_coverage', () => {
  const coverage = (): MaximizeCoverage => nyx.app.get(MaximizeCoverage);
  const look = async (world: World, isSafe = true) => coverage().look(world.tx, await world.outlook(isSafe));

  it.each([
    [0, 0.2],
    [2, 0.2],
    [3, 0],
    [5, 0],
  ])('with %i successes in 12 h is boosted by %f', (count, boost) =>
    visit(async (world) => {
      await times(count, () => world.workflow({ status: 'completed', ended: within(hours(12)) }));
      await times(5, () => world.workflow({ status: 'completed', ended: outside(hours(12)) }));
      await times(5, () => world.workflow({ status: 'failed' }));
      expect(coverage().boost(await look(world))).toBe(boost);
    }),
  );

  it('picks the tool or strategy that was used least in 7 days and is not taken', () =>
    visit(async (world) => {
      const all = (await look(world)).rows;
      expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(['file_operations', 'memory', ...STRATEGIES]));
      for (const { kind, id } of all) {
        if (kind === 'tool') await world.run({ tool: id, status: 'succeeded' });
        else if (id !== 'council_driven') await world.workflow({ strategy: id, status: 'failed' });
      }
      await world.workflow({ strategy: 'council_driven', status: 'failed', created: outside(hours(7 * 24)) });
      expect((await look(world)).rows[0]).toMatchObject({ kind: 'strategy', id: 'council_driven', uses: 0 });
      await world.take('maximize_coverage', 'strategy:council_driven');
      expect((await look(world)).rows[0]?.uses).toBe(1);
      for (const { kind, id } of all.filter((row) => row.id !== 'council_driven'))
        await world.take('maximize_coverage', `${kind}:${id}`);
      expect(await look(world)).toMatchObject({ count: 0, rows: [] });
    }));

  it('under safety tries only tools that can read', () =>
    visit(async (world) => {
      const tools = async (isSafe: boolean): Promise<string[]> => {
        const { rows } = await look(world, isSafe);
        return rows.filter(({ kind }) => kind === 'tool').map(({ id }) => id);
      };
      expect((await tools(true)).sort()).toEqual(['file_operations', 'memory']);
      const available = nyx.app
        .get(ToolRegistry)
        .available()
        .tools.filter((tool) => tool.available);
      const names = available
        .map(({ name }) => name)
        .filter((name) => !['communicate', 'settle_thought'].includes(name));
      expect((await tools(false)).sort()).toEqual(names);
    }));
});

describe('revisit_old_thoughts', () => {
  const revisit = (): RevisitOldThoughts => nyx.app.get(RevisitOldThoughts);
  const old = { status: 'in_progress', created: hours(60), touched: hours(50), paused: hours(50) } as const;

  it.each([
    [0, 0],
    [1, 0.05],
    [4, 0.2],
    [5, 0.25],
    [7, 0.25],
  ])('is boosted by %i old thoughts by %f', (count, boost) =>
    visit(async (world) => {
      await times(count, () => world.workflow(old));
      expect(revisit().boost(await revisit().look(world.tx))).toBeCloseTo(boost, 12);
    }),
  );

  it('takes what has not ended and was not touched for 48 h', () =>
    visit(async (world) => {
      const untouched = await world.workflow({ ...old, touched: outside(hours(48)) });
      const queued = await world.workflow({
        status: 'pending',
        created: outside(hours(48)),
        touched: outside(hours(48)),
      });
      await world.workflow({ ...old, touched: within(hours(48)) });
      await world.workflow({ ...old, created: within(hours(48)), touched: within(hours(48)) });
      await world.event(await world.workflow(old), hours(1));
      for (const status of ['completed', 'failed', 'cancelled'] as const) await world.workflow({ ...old, status });
      expect((await revisit().look(world.tx)).rows.map(({ id }) => id)).toEqual([untouched, queued]);
    }));

  it('comes to one after another, also when nothing can be decided about those before', () =>
    visit(async (world) => {
      const { cooldownSeconds, targetCooldownSeconds } = revisit();
      const ids: string[] = [];
      await times(20, async (number) => ids.push(await world.workflow({ ...old, created: hours(80 - number) })));
      const last = ids.pop();
      for (const [index, id] of ids.entries()) {
        const sinceSeconds = (ids.length - index) * cooldownSeconds;
        await world.take('revisit_old_thoughts', `workflow:${id}`, targetCooldownSeconds - sinceSeconds);
      }
      expect((await revisit().look(world.tx)).rows.map(({ id }) => id)).toEqual([last]);
    }));

  it('knows since when it is paused, what it waits for, and what is done and left', () =>
    visit(async (world) => {
      const id = await world.workflow({ ...old, goal: 'Sort the clips.' });
      await world.event(id, hours(49));
      await world.approval(id);
      await world.thought({ rootId: id, goal: 'Find them', status: 'completed', position: 0 });
      await world.thought({ rootId: id, goal: 'Sort them', status: 'in_progress', position: 1 });
      const { now } = await world.outlook();
      const { rows } = await revisit().look(world.tx);
      expect(rows).toMatchObject([
        {
          id,
          goal: 'Sort the clips.',
          openApprovals: 1,
          done: ['Find them'],
          left: ['Sort them'],
          pausedAt: new Date(now.getTime() - hours(50) * 1000).toISOString(),
          touchedAt: new Date(now.getTime() - hours(49) * 1000).toISOString(),
        },
      ]);
    }));

  it('leaves out one that is taken', () =>
    visit(async (world) => {
      await world.take('revisit_old_thoughts', `workflow:${await world.workflow(old)}`);
      expect((await revisit().look(world.tx)).count).toBe(0);
    }));
});

describe('idle_exploration', () => {
  const idle = (): IdleExploration => nyx.app.get(IdleExploration);
  const boostOf = async ({ tx }: World): Promise<number> => idle().boost(await idle().look(tx));

  it.each([
    [1, 0.3],
    [2, 0],
  ])('with %i agents at work is boosted by %f', (agents, boost) =>
    visit(async (world) => {
      await world.memory({});
      const running = await world.workflow({ status: 'in_progress', created: hours(1) });
      await times(agents, () => world.agent(running));
      // It waits for a person, maybe for days.
      const paused = await world.workflow({ status: 'in_progress', created: hours(60), paused: hours(50) });
      await times(3, () => world.agent(paused));
      await times(3, () => world.agent(running, 'waiting'));
      expect(await boostOf(world)).toBe(boost);
    }),
  );

  it.each([
    [2, 0, 0.3],
    [3, 0, 0],
    [0, 2, 0.3],
    [0, 3, 0],
    [1, 1, 0.3],
    [2, 1, 0],
  ])('with %i thoughts created and %i ended in 30 min is boosted by %f', (created, ended, boost) =>
    visit(async (world) => {
      await world.memory({});
      const rootId = await world.workflow({ status: 'in_progress', created: outside(minutes(30)) });
      await times(created, () => world.thought({ rootId, created: within(minutes(30)) }));
      await times(ended, () => world.thought({ rootId, status: 'completed', ended: within(minutes(30)) }));
      await times(5, () => world.thought({ rootId, status: 'completed', ended: outside(minutes(30)) }));
      expect(await boostOf(world)).toBe(boost);
    }),
  );

  it('does nothing where there is nothing to read', () =>
    visit(async (world) => {
      await world.memory({ scope: 'session' });
      await world.memory({ expiresIn: -1 });
      await world.workflow({ status: 'completed', ended: outside(hours(30 * 24)) });
      await world.workflow({ status: 'failed' });
      expect(await idle().look(world.tx)).toMatchObject({ count: 0, rows: [] });
    }));

  it('does not read what it wrote itself', () =>
    visit(async (world) => {
      const own = await world.workflow({ origin: 'motivation', status: 'completed' });
      await world.memory({ metadata: { workflow_id: own } });
      expect((await idle().look(world.tx)).count).toBe(0);
      const others = await world.memory({ metadata: { workflow_id: 'of somebody else' } });
      expect((await idle().look(world.tx)).rows.map(({ id }) => id)).toEqual([others]);
    }));

  it('reads further back each time, then what workflows were about, and then nothing', () =>
    visit(async (world) => {
      const memories: string[] = [];
      await times(7, async (number) => memories.push(await world.memory({ age: hours(number + 1) })));
      const workflow = await world.workflow({ status: 'completed', ended: within(hours(30 * 24)), result: 'Twelve.' });
      const read: string[][] = [];
      for (;;) {
        const evidence = await idle().look(world.tx);
        const proposal = idle().propose(evidence, await world.outlook());
        if (proposal === undefined) break;
        read.push(evidence.rows.map(({ id }) => id));
        await world.take('idle_exploration', proposal.target);
      }
      expect(read).toEqual([memories.slice(0, 5), memories.slice(5), [workflow]]);
    }));
});
