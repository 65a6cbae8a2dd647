import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { Chaos } from './chaos-fixture.js';

const WORKFLOWS = 50;
/** The promise: a lost replica delays its workflows by no more than this. */
const MAX_DELAY_MS = 15_000;

/** By turns, so that both run some. Half of them direct, a quarter in sequence, a quarter in parallel: 225 model calls. */
async function acceptAll(chaos: Chaos, replicas: readonly NyxProcess[]): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < WORKFLOWS; index += 1) {
    const strategy = ['direct_execution', 'sequential_decomposition', 'direct_execution', 'parallel_execution'][
      index % 4
    ];
    const prompt = `Piece ${index}. [[subtasks:6]] [[parallel]]`;
    const nyx = replicas[index % replicas.length];
    if (nyx !== undefined) ids.push(await chaos.accept(nyx, prompt, { execution_preferences: { strategy } }));
  }
  return ids;
}

describe('two replicas on one database', () => {
  afterAll(cleanUpProcesses);

  it(`end all ${WORKFLOWS} workflows when one of them is killed under load, none of them twice`, async () => {
    const undisturbedMs = await run(false);
    const disturbedMs = await run(true);
    expect(disturbedMs - undisturbedMs).toBeLessThan(MAX_DELAY_MS);
  }, 300_000);

  async function run(isDisturbed: boolean): Promise<number> {
    const chaos = await Chaos.begin();
    try {
      chaos.model.script({ delayMs: 200 });
      const [survivor, victim] = await Promise.all([chaos.startNyx(), chaos.startNyx()]);
      const startedAt = performance.now();
      const ids = await acceptAll(chaos, [survivor, victim]);
      if (isDisturbed) {
        expect(await runningOn(chaos)).toBe(2);
        await chaos.kill(victim);
      }
      await chaos.untilEnded(ids);
      const elapsedMs = performance.now() - startedAt;
      for (const id of ids) {
        expect(await chaos.workflow(survivor, id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        await expectAnsweredOnce(chaos, id);
      }
      return elapsedMs;
    } finally {
      await chaos.end();
    }
  }
});

/** How many executors hold workflows now. */
async function runningOn(chaos: Chaos): Promise<number> {
  const { rows } = await chaos.sql.query<{ executors: number }>(
    `SELECT count(DISTINCT executor_id)::int AS executors FROM durable.workflow_status WHERE status = 'PENDING'`,
  );
  return rows[0]?.executors ?? 0;
}

/** A workflow that ran on two replicas at once would have two answers, or two agents, for one step. */
async function expectAnsweredOnce(chaos: Chaos, id: string): Promise<void> {
  const { rows } = await chaos.sql.query<{ step: string; answers: number }>(
    `SELECT step_key AS step, count(*)::int AS answers FROM llm_interactions
      WHERE workflow_id = $1 AND status = 'succeeded' GROUP BY step_key HAVING count(*) > 1`,
    [id],
  );
  expect(rows).toEqual([]);
}
