import { call, expectProblem } from '../http/client.js';
import { upgrade } from '../live/live-client.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

const POLLING = '/socket.io/?EIO=4&transport=polling';

/** One process for each duty, on one database. */
describe('replicas that take one duty each', () => {
  let chaos: Chaos;
  let door: NyxProcess;
  let worker: NyxProcess;
  let engine: NyxProcess;

  beforeAll(async () => {
    chaos = await Chaos.begin();
    door = await chaos.startNyx({ NYX_ROLES: 'api' });
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const post = async (path: string, body: object): Promise<Response> =>
    chaos.fetch(door, `/api/v1/${path}`, { method: 'POST', body: JSON.stringify(body) });

  const rolesOfAll = async (): Promise<string[]> =>
    (await chaos.sql.query<{ roles: string }>(`SELECT roles FROM executors WHERE status = 'live'`)).rows.map(
      ({ roles }) => roles,
    );

  const staysUntouched = async (id: string): Promise<void> => {
    const row = async (): Promise<{ status: string; seconds: number } | undefined> =>
      (
        await chaos.sql.query<{ status: string; seconds: number }>(
          `SELECT status, extract(epoch FROM now() - created_at)::float8 AS seconds FROM workflows WHERE id = $1`,
          [id],
        )
      ).rows[0];
    // Queues are polled each second.
    await until('it waited for two polls', async () => ((await row())?.seconds ?? 0) > 2.5);
    expect(await row()).toMatchObject({ status: 'pending' });
  };

  const answersProbesOnly = async ({ url }: NyxProcess): Promise<void> => {
    for (const path of ['/', '/health', '/livez', '/readyz']) expect((await fetch(`${url}${path}`)).status).toBe(200);
    const details = new Set<unknown>();
    for (const path of ['/api/v1/orchestrator/workflows', '/docs', '/api/v1/auth/login', '/nowhere', POLLING]) {
      details.add(expectProblem(await call(`${url}${path}`), 503, 'OVERLOADED').detail);
    }
    const { status, text } = await upgrade(url);
    expect(status).toBe(503);
    details.add((JSON.parse(text) as { detail: unknown }).detail);
    expect(details.size).toBe(1);
  };

  it('api alone accepts and runs nothing; a worker takes what was accepted', async () => {
    const id = await chaos.accept(door, 'Wait for somebody who works.', {});
    await staysUntouched(id);
    worker = await chaos.startNyx({ NYX_ROLES: 'worker' });
    await chaos.untilEnded([id]);
    expect(await chaos.workflow(door, id)).toMatchObject({ status: 'completed', success: true });
    expect(await rolesOfAll()).toEqual(expect.arrayContaining(['api', 'worker']));
  });

  it('whoever accepts has the worker look at once, and waits for its result', async () => {
    const answer = await post('orchestrator/workflows/execute', {
      input_type: 'user_prompt',
      content: { prompt: 'Answer through the door.' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ success: true });
  });

  it('a process without the duty api answers probes, and nothing else, by socket neither', async () => {
    await answersProbesOnly(worker);
    expect((await upgrade(door.url)).status).toBe(101);
  });

  it('schedules and the motivation engine wait for the duty engine', async () => {
    const workflow_template = { input_type: 'user_prompt', content: { prompt: 'Every second.' } };
    const made = await post('orchestrator/schedules', { schedule: '* * * * * *', workflow_template });
    const { id } = (await made.json()) as { id: string };
    expect((await post('motivational/engine/start', { evaluation_interval: 1 })).status).toBe(200);
    const done = async (): Promise<{ fired: number; evaluated: number; waited: number } | undefined> =>
      (
        await chaos.sql.query<{ fired: number; evaluated: number; waited: number }>(
          `SELECT (SELECT count(*)::int FROM workflows WHERE schedule_id = $1) AS fired,
                  (SELECT evaluations::int FROM motivation_engine) AS evaluated,
                  (SELECT extract(epoch FROM clock_timestamp() - next_fire_at)::float8 FROM schedules WHERE id = $1) AS waited`,
          [id],
        )
      ).rows[0];
    const listening = async (): Promise<unknown> =>
      (await chaos.fetch(door, '/api/v1/motivational/integration/status')).json();
    await until('both are overdue', async () => ((await done())?.waited ?? 0) > 2.5);
    expect(await done()).toMatchObject({ fired: 0, evaluated: 0 });
    expect(await listening()).toMatchObject({
      integration_active: false,
      status: { error: 'No replica with the duty engine runs.' },
    });
    engine = await chaos.startNyx({ NYX_ROLES: 'engine' });
    await until('both began', async () => {
      const row = await done();
      return (row?.fired ?? 0) > 0 && (row?.evaluated ?? 0) > 0;
    });
    expect(await listening()).toMatchObject({ integration_active: true, status: { last_look_at: null, error: null } });
  });

  it('engine alone takes no requests, and runs nothing of what it or others began', async () => {
    await answersProbesOnly(engine);
    worker.kill();
    await worker.exited;
    const id = await chaos.accept(door, 'Wait once more for somebody who works.', {});
    await staysUntouched(id);
    const { rows } = await chaos.sql.query(
      `SELECT workflow_uuid FROM durable.workflow_status
        WHERE executor_id = (SELECT id FROM executors WHERE roles = 'engine' AND status = 'live')`,
    );
    expect(rows).toEqual([]);
    await chaos.startNyx({ NYX_ROLES: 'worker' });
    await chaos.untilEnded([id]);
  });
});
