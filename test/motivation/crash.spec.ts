import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PoolClient } from 'pg';
import { Chaos, RECOVERY_MS } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

const PLUGIN = pathToFileURL(join(import.meta.dirname, 'eager-motivation.mjs')).href;

describe('kill -9 of motivated replicas', () => {
  let chaos: Chaos;

  beforeAll(async () => {
    chaos = await Chaos.begin();
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const start = (): Promise<NyxProcess> => chaos.startNyx({ NODE_OPTIONS: `--import ${PLUGIN}` });
  const engine = async (nyx: NyxProcess, action: string, body: object): Promise<number> =>
    (await chaos.fetch(nyx, `/api/v1/motivational/engine/${action}`, { method: 'POST', body: JSON.stringify(body) }))
      .status;

  const counts = async (): Promise<Record<string, number>> => {
    const { rows } = await chaos.sql.query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM motivational_tasks) AS tasks, (SELECT count(*)::int FROM workflows) AS workflows,
              (SELECT count(*)::int FROM durable.workflow_status WHERE workflow_uuid IN (SELECT id::text FROM workflows)) AS durable,
              (SELECT count(*)::int FROM motivational_targets) AS targets,
              (SELECT total_attempts FROM motivational_states WHERE motivation_type = 'eager') AS attempts`,
    );
    return rows[0] ?? {};
  };

  /** Holds what the statement does until the test lets it go, in the middle of whatever transaction comes upon it. */
  async function holding(statement: string): Promise<{ isMet: () => Promise<boolean>; release: () => Promise<void> }> {
    const client: PoolClient = await chaos.sql.connect();
    await client.query('BEGIN');
    await client.query(statement);
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid;
    return {
      isMet: async () => {
        const met = await chaos.sql.query(
          `SELECT 1 FROM pg_stat_activity WHERE $1::int = ANY(pg_blocking_pids(pid)) AND datname = current_database()`,
          [pid],
        );
        return met.rows.length > 0;
      },
      release: async () => {
        await client.query('ROLLBACK');
        client.release();
      },
    };
  }

  it('leaves all of a task or nothing of it, and its feedback is given once', async () => {
    chaos.model.script({ match: { prompt: 'Fulfil the wish.' }, hold: 'wish' });

    // Between its task and the commit.
    const first = await start();
    await chaos.sql.query(`UPDATE motivational_states SET is_active = false WHERE motivation_type <> 'eager'`);
    const target = await holding(`INSERT INTO motivational_targets VALUES ('eager', 'wish:1', NULL, now())`);
    expect(await engine(first, 'start', { evaluation_interval: 1 })).toBe(200);
    await until('the evaluation has written its task', () => target.isMet());
    await chaos.kill(first);
    await target.release();
    await until('nothing is held any more', async () => !(await target.isMet()));
    expect(await counts()).toMatchObject({ tasks: 0, workflows: 0, durable: 0, targets: 0, attempts: 0 });

    // Two that evaluate at once.
    const [second, third] = await Promise.all([start(), start()]);
    await until('a task runs', () => chaos.model.requests.length > 0, RECOVERY_MS);
    const decided = async (): Promise<number> =>
      (await chaos.sql.query<{ n: number }>('SELECT count(*)::int AS n FROM motivation_decisions')).rows[0]?.n ?? 0;
    const before = await decided();
    await until('it was thought about again', async () => (await decided()) > before + 2);
    expect(await counts()).toEqual({ tasks: 1, workflows: 1, durable: 1, targets: 1, attempts: 0 });

    // While the motivation learns.
    expect(await engine(second, 'stop', {})).toBe(200);
    const state = await holding(`SELECT 1 FROM motivational_states WHERE motivation_type = 'eager' FOR UPDATE`);
    chaos.model.release('wish');
    await until('its end is being learned from', () => state.isMet());
    await Promise.all([chaos.kill(second), chaos.kill(third)]);
    await state.release();
    const { rows } = await chaos.sql.query<{ id: string; status: string }>('SELECT id, status FROM motivational_tasks');
    expect(rows).toMatchObject([{ status: 'active' }]);
    expect(await counts()).toMatchObject({ attempts: 0 });

    // Right after it.
    const [fourth, fifth] = await Promise.all([start(), start()]);
    await until('it is learned from', async () => (await counts()).attempts === 1, RECOVERY_MS);
    await chaos.kill(fourth);
    const looked = async (): Promise<string> => {
      const answer = await chaos.fetch(fifth, '/api/v1/motivational/integration/status');
      return ((await answer.json()) as { status: { last_look_at: string } }).status.last_look_at;
    };
    const last = await looked();
    await until('the other one has looked again', async () => (await looked()) > last);
    expect(await counts()).toEqual({ tasks: 1, workflows: 1, durable: 1, targets: 1, attempts: 1 });
    const learned = await chaos.sql.query(
      `SELECT s.success_count, s.satisfaction > 0 AS is_satisfied, abs(t.satisfaction_gain - s.satisfaction) < 1e-9 AS is_once
         FROM motivational_tasks t JOIN motivational_states s ON s.id = t.motivational_state_id`,
    );
    expect(learned.rows).toEqual([{ success_count: 1, is_satisfied: true, is_once: true }]);
    await chaos.expectConsistent(rows[0]?.id ?? '');
  }, 240_000);
});
