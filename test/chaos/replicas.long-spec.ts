import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

const WORKFLOWS = 50;
/** The promise: what a lost replica had in hand is nobody's for no longer than this. */
const MAX_DELAY_MS = 15_000;
/** Calls are held while all workflows are accepted. */
const ENV = { LLM_FIRST_TOKEN_TIMEOUT_SECONDS: '120' };

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
    const chaos = await Chaos.begin();
    try {
      chaos.model.script({ hold: 'all', delayMs: 200 });
      const survivor = await chaos.startNyx(ENV);
      const [survivorId] = await executors(chaos);
      const victim = await chaos.startNyx(ENV);
      const victimId = (await executors(chaos)).find((id) => id !== survivorId);
      const ids = await acceptAll(chaos, [survivor, victim]);
      await until('both have some in hand', async () => {
        const held = await Promise.all([survivorId, victimId].map((id) => heldBy(chaos, id)));
        return held.every(({ length }) => length > 0);
      });
      await chaos.kill(victim);
      const left = await heldBy(chaos, victimId);
      expect(left).not.toEqual([]);
      chaos.model.release('all');
      const isTakenOver = async (): Promise<boolean> => (await stillUnder(chaos, victimId, left)) === 0;
      await until('the other has taken it over', isTakenOver, MAX_DELAY_MS);
      await chaos.untilEnded(ids);
      for (const id of ids) {
        expect(await chaos.workflow(survivor, id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        await expectAnsweredOnce(chaos, id);
      }
    } finally {
      await chaos.end();
    }
  }, 300_000);
});

async function executors(chaos: Chaos): Promise<string[]> {
  const { rows } = await chaos.sql.query<{ id: string }>('SELECT id FROM executors');
  return rows.map(({ id }) => id);
}

/** The durable functions that an executor runs now. */
async function heldBy(chaos: Chaos, executor: string | undefined): Promise<string[]> {
  const { rows } = await chaos.sql.query<{ id: string }>(
    `SELECT workflow_uuid AS id FROM durable.workflow_status WHERE status = 'PENDING' AND executor_id = $1`,
    [executor],
  );
  return rows.map(({ id }) => id);
}

async function stillUnder(chaos: Chaos, executor: string | undefined, ids: readonly string[]): Promise<number> {
  const { rowCount } = await chaos.sql.query(
    'SELECT 1 FROM durable.workflow_status WHERE executor_id = $1 AND workflow_uuid = ANY($2)',
    [executor, ids],
  );
  return rowCount ?? NaN;
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
