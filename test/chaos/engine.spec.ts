import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

/** Starting a process takes its time on a busy machine. */
const STARTS_MS = 200_000;
const ENGINE = '/api/v1/motivational/engine';

interface Status {
  readonly running: boolean;
  readonly evaluations: number;
  readonly evaluation_interval: number;
  readonly max_concurrent_tasks: number;
}

/** Three replicas with one engine; they come and go. */
describe('the engine on several replicas', () => {
  let chaos: Chaos;
  let replicas: NyxProcess[];

  beforeAll(async () => {
    chaos = await Chaos.begin();
    replicas = [await chaos.startNyx(), await chaos.startNyx(), await chaos.startNyx()];
  }, STARTS_MS);
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const replica = (index: number): NyxProcess => {
    const nyx = replicas[index];
    if (nyx === undefined) throw new Error(`There is no replica ${index}.`);
    return nyx;
  };

  async function ask<T = Status>(nyx: NyxProcess, method: string, path: string, body?: object): Promise<T> {
    const answer = await chaos.fetch(nyx, `${ENGINE}${path}`, { method, body: body && JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  const status = (nyx: NyxProcess): Promise<Status> => ask(nyx, 'GET', '/status');

  /** When it was evaluated, and by whom. */
  const decisions = async (): Promise<{ ms: number; executor: string }[]> =>
    (
      await chaos.sql.query<{ ms: number; executor: string }>(
        `SELECT extract(epoch FROM evaluated_at)::float8 * 1000 AS ms, executor_id AS executor
           FROM motivation_decisions ORDER BY evaluated_at`,
      )
    ).rows;

  const evaluated = (count: number): Promise<void> =>
    until(`${count} evaluations`, async () => (await decisions()).length >= count, 40_000);

  async function expectEachSlotOnce(intervalMs: number): Promise<void> {
    const times = (await decisions()).map(({ ms }) => Math.round(ms));
    const pauses = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
    expect(pauses.filter((pause) => pause < intervalMs)).toEqual([]);
  }

  it('five starts at once on all of them make one engine, and each slot is evaluated once', async () => {
    const body = { evaluation_interval: 1, min_arbitration_threshold: 1 };
    await Promise.all([0, 1, 2, 0, 1].map((index) => ask(replica(index), 'POST', '/start', body)));
    await evaluated(6);
    await expectEachSlotOnce(1_000);
    const seen = await Promise.all(replicas.map(status));
    expect(seen.every(({ running }) => running)).toBe(true);
  });

  it('evaluation goes on when a replica is killed', async () => {
    await chaos.kill(replica(2));
    replicas.pop();
    await evaluated((await decisions()).length + 3);
    await expectEachSlotOnce(1_000);
  });

  it('a change of the configuration holds at once on the others', async () => {
    await ask(replica(0), 'PUT', '/config', { evaluation_interval: 3_600 });
    const { length } = await decisions();
    await ask(replica(1), 'PUT', '/config', { evaluation_interval: 1 });
    await evaluated(length + 2);
    await expectEachSlotOnce(1_000);
  });

  it('one stop ends them all', async () => {
    await ask(replica(1), 'POST', '/stop');
    const { length } = await decisions();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await decisions()).toHaveLength(length);
    expect((await status(replica(0))).running).toBe(false);
  });

  it(
    'what runs, runs again after a restart, with its configuration',
    async () => {
      await ask(replica(0), 'POST', '/start', { max_concurrent_tasks: 11 });
      await Promise.all(replicas.map((nyx) => chaos.kill(nyx)));
      const { length } = await decisions();
      replicas = [await chaos.startNyx()];
      await evaluated(length + 2);
      expect(await status(replica(0))).toMatchObject({
        running: true,
        evaluation_interval: 1,
        max_concurrent_tasks: 11,
      });
      await ask(replica(0), 'POST', '/stop');
      await Promise.all(replicas.map((nyx) => chaos.kill(nyx)));
      replicas = [await chaos.startNyx(), await chaos.startNyx()];
      const stopped = await decisions();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await decisions()).toHaveLength(stopped.length);
      expect((await status(replica(1))).running).toBe(false);
    },
    STARTS_MS,
  );
});

/** A replica dies between the task it has spawned and the commit of its evaluation. */
describe('a replica that is killed while it evaluates', () => {
  const TYPE = 'maximize_coverage';
  let chaos: Chaos;

  beforeAll(async () => {
    chaos = await Chaos.begin();
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const count = async (from: string): Promise<number> =>
    (await chaos.sql.query<{ count: number }>(`SELECT count(*)::int FROM ${from}`)).rows[0]?.count ?? NaN;
  const everything = async (): Promise<number[]> =>
    Promise.all(
      [
        'motivational_tasks',
        'motivational_targets',
        'motivation_decisions',
        `workflows WHERE origin = 'motivation'`,
      ].map(count),
    );
  const state = async (): Promise<{ urgency: number; total_attempts: number }> =>
    (
      await chaos.sql.query<{ urgency: number; total_attempts: number }>(
        'SELECT urgency, total_attempts FROM motivational_states WHERE motivation_type = $1',
        [TYPE],
      )
    ).rows[0] ?? { urgency: NaN, total_attempts: NaN };

  it(
    'leaves nothing, and what it was about is done once by another',
    async () => {
      const dying = await chaos.startNyx();
      await chaos.sql.query(
        `UPDATE motivational_states SET is_active = motivation_type = $1, urgency = 0.9, satisfaction = 0`,
        [TYPE],
      );
      const gate = await chaos.sql.connect();
      try {
        await gate.query('BEGIN');
        await gate.query('LOCK TABLE motivation_decisions IN SHARE MODE');
        const body = JSON.stringify({ evaluation_interval: 3_600, safety_enabled: false });
        expect((await chaos.fetch(dying, `${ENGINE}/start`, { method: 'POST', body })).status).toBe(200);
        await until('the evaluation is about to write its decision', async () => {
          const waiting = `pg_locks WHERE relation = 'motivation_decisions'::regclass AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
          return (await count(waiting)) > 0;
        });
        await chaos.kill(dying);
        expect(await everything()).toEqual([0, 0, 0, 0]);
      } finally {
        await gate.query('ROLLBACK');
        gate.release();
      }
      expect(await everything()).toEqual([0, 0, 0, 0]);
      expect((await state()).urgency).toBe(0.9);

      // It may have waited for the gate so long that it put off the next one.
      await chaos.sql.query('UPDATE motivation_engine SET next_evaluation_at = clock_timestamp()');
      const next = await chaos.startNyx();
      await chaos.startNyx();
      await until('the decision', async () => (await count('motivation_decisions')) > 0);
      expect(await everything()).toEqual([1, 1, 1, 1]);
      expect((await state()).urgency).toBeLessThan(0.3);
      const { rows } = await chaos.sql.query<{ id: string }>(`SELECT id FROM workflows WHERE origin = 'motivation'`);
      await chaos.untilEnded(rows.map(({ id }) => id));
      await until('the feedback', async () => (await state()).total_attempts > 0);
      expect((await chaos.fetch(next, `${ENGINE}/stop`, { method: 'POST' })).status).toBe(200);
      expect(await everything()).toEqual([1, 1, 1, 1]);
      expect((await state()).total_attempts).toBe(1);
    },
    STARTS_MS,
  );
});
