import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { connect, connected, disconnectAll } from './live-client.js';

const PLUGIN = pathToFileURL(join(import.meta.dirname, '../motivation/eager-motivation.mjs')).href;
const KEY = 'a-key-of-the-deployment-of-this-test';

interface Row {
  readonly id?: string;
  readonly task_id?: string;
  readonly executor_id?: string;
  readonly motivation_type?: string;
}

let chaos: Chaos;
let replicas: NyxProcess[];

beforeAll(async () => {
  chaos = await Chaos.begin();
  const env = { NODE_OPTIONS: `--import ${PLUGIN}`, NYX_API_KEY: KEY };
  replicas = [await chaos.startNyx(env), await chaos.startNyx(env)];
}, 180_000);
afterAll(async () => {
  disconnectAll();
  await chaos.end();
  await cleanUpProcesses();
});

async function listener(nyx: NyxProcess): Promise<Record<string, Row[]>> {
  const heard: Record<string, Row[]> = { evaluated: [], 'task.spawned': [], 'task.completed': [], 'state.changed': [] };
  const socket = connect(nyx.url, '/ws/motivation', { apiKey: KEY });
  for (const [event, rows] of Object.entries(heard)) socket.on(event, (row: Row) => rows.push(row));
  await connected(socket);
  return heard;
}
const engine = (nyx: NyxProcess, action: string, body: object): Promise<Response> =>
  chaos.fetch(nyx, `/api/v1/motivational/engine/${action}`, { method: 'POST', body: JSON.stringify(body) });

it('clients of every replica are told the same, whichever replica it happened on', async () => {
  const [first, second] = replicas as [NyxProcess, NyxProcess];
  const [here, there] = [await listener(first), await listener(second)];
  const status = (): Promise<unknown> => chaos.fetch(first, '/api/v1/system/status').then((answer) => answer.json());
  expect(await status()).toHaveProperty('uptime_seconds');
  const live: { engine?: { status: string } | null }[] = [];
  const watching = connect(first.url, '/ws/system/status', { apiKey: KEY });
  watching.on('status', (each: (typeof live)[number]) => live.push(each));
  await connected(watching);
  expect((await engine(second, 'start', { evaluation_interval: 1, test_mode: true })).status).toBe(200);
  await until('the other replica says that the engine runs', () =>
    live.some((each) => each.engine?.status === 'running'),
  );
  await until(
    'the task has ended',
    () => here['task.completed']?.length === 1 && there['task.completed']?.length === 1,
    40_000,
  );
  await until('three evaluations', () => (here.evaluated?.length ?? 0) >= 3 && (there.evaluated?.length ?? 0) >= 3);
  expect((await engine(first, 'stop', {})).status).toBe(200);
  const stored = async (): Promise<string[]> =>
    (await chaos.sql.query<{ id: string }>('SELECT id FROM motivation_decisions ORDER BY evaluated_at')).rows.map(
      ({ id }) => id,
    );
  for (const heard of [here, there]) {
    await until('all evaluations', async () => heard.evaluated?.length === (await stored()).length);
    expect(heard.evaluated?.map(({ id }) => id)).toEqual(await stored());
    expect(heard['task.spawned']).toMatchObject([{ motivation_type: 'eager' }]);
    expect(heard['task.completed']).toMatchObject([
      { task_id: heard['task.spawned']?.[0]?.task_id, status: 'completed' },
    ]);
    expect(heard['state.changed']?.map(({ motivation_type }) => motivation_type)).toContain('eager');
  }
}, 180_000);
