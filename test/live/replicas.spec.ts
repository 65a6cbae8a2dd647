import type { Socket } from 'socket.io-client';
import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { ask, connect, connected, disconnectAll, type LiveEvent, next } from './live-client.js';

const ENDS = ['workflow.completed', 'workflow.failed', 'workflow.cancelled'];
const KEY = 'the-key-of-the-deployment-of-this-test';

let chaos: Chaos;
beforeAll(async () => {
  chaos = await Chaos.begin();
});
afterEach(disconnectAll);
afterAll(async () => {
  await chaos.end();
  await cleanUpProcesses();
});

async function follow(nyx: NyxProcess, workflow_id: string): Promise<{ socket: Socket; events: LiveEvent[] }> {
  const socket = connect(nyx.url, '/ws/workflows', { apiKey: KEY });
  const events: LiveEvent[] = [];
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  expect(await ask(socket, 'subscribe', { workflow_id })).toMatchObject({ ok: true });
  return { socket, events };
}

it('a client at one replica sees what the other runs, and goes on there when its own is killed', async () => {
  chaos.model.script({ match: { prompt: '<subtask>\nPart 2' }, hold: 'half way' });
  const env = { NYX_API_KEY: KEY };
  const running = await chaos.startNyx(env);
  const id = await chaos.accept(running, '[[subtasks:3]] [[chain]]', {
    execution_preferences: { strategy: 'sequential_decomposition' },
  });
  const watching = await chaos.startNyx(env);
  const { socket: watched, events } = await follow(watching, id);
  await until('some of it', () => events.length > 3, 30_000);
  const gone = next(watched, 'disconnect');
  await chaos.kill(watching);
  // What it sent before may still be on its way.
  await gone;
  const seen = events.at(-1)?.seq ?? 0;
  const socket = connect(running.url, '/ws/workflows', { apiKey: KEY });
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  expect(await ask(socket, 'subscribe', { workflow_id: id, after_seq: seen })).toMatchObject({ ok: true });
  chaos.model.release('half way');
  await until('its end', () => ENDS.includes(events.at(-1)?.type ?? ''), 60_000);
  const { rows } = await chaos.sql.query<{ seq: string; type: string }>(
    'SELECT seq, type FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
    [id],
  );
  expect(events.map(({ seq, type }) => ({ seq: String(seq), type }))).toEqual(rows);
  expect(events.at(-1)?.type).toBe('workflow.completed');
}, 180_000);
