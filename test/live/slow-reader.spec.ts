import type { Socket as NetSocket } from 'node:net';
import type { Namespace } from 'socket.io';
import type { Socket } from 'socket.io-client';
import type { EngineSocket } from '../../src/events/sockets/connection.js';
import { Connections } from '../../src/events/sockets/connections.js';
import { WorkflowsGateway } from '../../src/events/sockets/workflows.gateway.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { ask, connect, connected, disconnectAll, type LiveEvent } from './live-client.js';
import { WorkflowWriter } from './workflow-writer.js';

const LAST = 241;

let nyx: TestApp;
let writer: WorkflowWriter;
beforeAll(async () => {
  nyx = await startApp();
  // Who reads nothing answers no ping either, and is to stay, however long the test takes here.
  const { namespace } = nyx.app.get<unknown>(WorkflowsGateway) as { namespace: Namespace };
  namespace.server.engine.opts.pingTimeout = 240_000;
  writer = new WorkflowWriter(nyx.app);
}, 180_000);
afterEach(disconnectAll);
afterAll(() => nyx.close());

async function client(): Promise<{ socket: Socket; events: LiveEvent[] }> {
  const socket = connect(nyx.url, '/ws/workflows', { token: await nyx.token('viewer') });
  const events: LiveEvent[] = [];
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  return { socket, events };
}

/** What the server holds for the client that reads most slowly, whoever counts: packets that wait, and what the WebSocket has of them. */
function mostHeldBytes(): number {
  const { open } = nyx.app.get<unknown>(Connections) as { open: ReadonlySet<{ readonly engine: EngineSocket }> };
  const held = [...open].map(({ engine }) => {
    const { transport, writeBuffer } = engine as unknown as {
      transport: { socket: { bufferedAmount: number } };
      writeBuffer: readonly { data?: string }[];
    };
    return writeBuffer.reduce((bytes, { data }) => bytes + (data?.length ?? 0), transport.socket.bufferedAmount);
  });
  return Math.max(...held);
}

/** The socket of the network below a client's. */
const below = (socket: Socket): NetSocket =>
  (socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } }).ws._socket;

const numbers = (events: readonly LiveEvent[]): number[] => events.map(({ seq }) => seq);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

it('a client that does not read is told that it lags, and goes on by number; others get everything meanwhile', async () => {
  const id = await writer.begin(1);
  const [slow, fast] = [await client(), await client()];
  let lagged: { workflow_id: string; last_seq: number } | undefined;
  slow.socket.on('lagged', (told: typeof lagged) => (lagged = told));
  for (const { socket } of [slow, fast]) await ask(socket, 'subscribe', { workflow_id: id });
  await until('the first event', () => slow.events.length + fast.events.length === 2);
  below(slow.socket).pause();
  // 24 MB: more than the network holds. The fast one has read each part before the next: no part is more than may wait for it.
  let heldBytes = 0;
  for (let last = 3; last <= LAST; last += 2) {
    await writer.append(id, 2, { text: 'x'.repeat(100_000) });
    await until('the fast one has it', () => fast.events.length === last);
    heldBytes = Math.max(heldBytes, mostHeldBytes());
  }
  expect(numbers(fast.events)).toEqual(upTo(LAST));
  expect(nyx.app.get(Connections).mostWaitingBytes).toBeLessThan(1_000_000);
  expect(heldBytes).toBeGreaterThan(0);
  expect(heldBytes).toBeLessThan(2_000_000);
  below(slow.socket).resume();
  await until('it is told', () => lagged !== undefined, 60_000);
  const seen = slow.events.at(-1)?.seq ?? 0;
  expect(lagged).toEqual({ workflow_id: id, last_seq: seen });
  expect(seen).toBeLessThan(LAST);
  await ask(slow.socket, 'subscribe', { workflow_id: id, after_seq: seen });
  await until('the slow one has all', () => slow.events.length >= LAST, 60_000);
  expect(numbers(slow.events)).toEqual(upTo(LAST));
}, 240_000);
