import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { NyxClient, type WorkflowEvent } from '../../clients/typescript/src/index.js';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { EventFeed } from '../../src/events/event-feed.js';
import { EventLog } from '../../src/events/event-log.js';
import type { EngineSocket } from '../../src/events/sockets/connection.js';
import { Connections } from '../../src/events/sockets/connections.js';
import { WorkflowWriter } from '../live/workflow-writer.js';
import { startApp, type TestApp } from '../support/app.js';
import { DatabaseRelay as Relay } from '../support/database-relay.js';
import { until } from '../support/until.js';

let nyx: TestApp;
let relay: Relay;
let writer: WorkflowWriter;
beforeAll(async () => {
  nyx = await startApp();
  relay = await Relay.before(nyx.url);
  writer = new WorkflowWriter(nyx.app);
});
afterAll(async () => {
  await relay.close();
  await nyx.close();
});

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);
const numbers = (events: readonly WorkflowEvent[]): number[] => events.map(({ seq }) => seq);

/** The last event. */
async function end(id: string, type: 'workflow.failed' | 'workflow.cancelled' = 'workflow.cancelled'): Promise<void> {
  await nyx.app.get(Database).transaction((tx) => nyx.app.get(EventLog).append(tx, id, [{ type, data: {} as never }]));
  nyx.app.get(EventFeed).announce(id);
}

/** Reads to the end; `events` grows meanwhile. */
function reading(events: AsyncIterable<WorkflowEvent>): { events: WorkflowEvent[]; ended: Promise<void> } {
  const read: WorkflowEvent[] = [];
  const readAll = async (): Promise<void> => {
    for await (const event of events) read.push(event);
  };
  return { events: read, ended: readAll() };
}

async function all(events: AsyncIterable<WorkflowEvent>): Promise<WorkflowEvent[]> {
  const { events: read, ended } = reading(events);
  await ended;
  return read;
}

/** As NYX has them. */
const connections = (): EngineSocket[] =>
  [...(nyx.app.get<unknown>(Connections) as { open: ReadonlySet<{ engine: EngineSocket }> }).open].map(
    ({ engine }) => engine,
  );

/** A proxy that serves NYX under /nyx, and nothing beside it. */
async function underPrefix(): Promise<Server> {
  const proxy = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      const request = head.toString('latin1');
      if (!request.startsWith('GET /nyx/')) {
        socket.destroy();
        return;
      }
      const { port, hostname } = new URL(nyx.url);
      const upstream = connect(Number(port), hostname);
      upstream.on('error', () => socket.destroy());
      upstream.write(request.replace('/nyx/', '/'), 'latin1');
      socket.pipe(upstream).pipe(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}

async function viewer(url = relay.url): Promise<NyxClient> {
  return new NyxClient({ url, token: await nyx.token('viewer') });
}

describe('following a workflow', () => {
  it('gives its history, then what happens, and ends with it', async () => {
    const id = await writer.begin(250);
    const { events, ended } = reading((await viewer()).follow(id));
    await until('the history', () => events.length === 250);
    for (let more = 0; more < 10; more += 1) await writer.append(id, 5);
    await end(id);
    await ended;
    expect(numbers(events)).toEqual(upTo(301));
    expect(events.at(-1)).toMatchObject({ workflow_id: id, type: 'workflow.cancelled' });
  });

  it('misses and doubles nothing over connections that break', async () => {
    const id = await writer.begin(1);
    const { events, ended } = reading((await viewer()).follow(id));
    for (let round = 1; round <= 4; round += 1) {
      await until('it is connected', () => events.length >= round * 50 - 49);
      await writer.append(id, 25);
      relay.cut();
      await writer.append(id, 25);
      relay.resume();
    }
    await end(id);
    await ended;
    expect(numbers(events)).toEqual(upTo(202));
  });

  it('ends although the connection broke at the end', async () => {
    const id = await writer.begin(3);
    const client = await viewer();
    const { events, ended } = reading(client.follow(id));
    await until('the first', () => events.length === 3);
    relay.cut();
    await end(id);
    relay.resume();
    await ended;
    expect(numbers(events)).toEqual(upTo(4));
    expect(await all(client.follow(id, { afterSeq: 3 }))).toEqual(events.slice(3));
    expect(await all(client.follow(id, { afterSeq: 4 }))).toEqual([]);
  });

  it('goes on over an end that was taken back', async () => {
    const id = await writer.begin(1);
    await end(id, 'workflow.failed');
    await writer.append(id, 2);
    await end(id);
    expect(numbers(await all((await viewer()).follow(id)))).toEqual(upTo(5));
  });

  it('goes on when it read too slowly', async () => {
    const id = await writer.begin(2_600);
    await end(id);
    const events: WorkflowEvent[] = [];
    for await (const event of (await viewer()).follow(id)) {
      events.push(event);
      // All that may wait has arrived by then.
      if (event.seq === 1) await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    expect(numbers(events)).toEqual(upTo(2_601));
  });

  it('goes on where NYX told it that it lags', async () => {
    const id = await writer.begin(1);
    await until('nobody else is there', () => connections().length === 0);
    const { events, ended } = reading((await viewer(nyx.url)).follow(id));
    await until('the first', () => events.length === 1);
    const [slow] = connections();
    if (slow === undefined) throw new Error('It is not connected.');
    const told: string[] = [];
    slow.on('packetCreate', ({ data }: { data?: unknown }) => {
      if (typeof data === 'string' && data.includes('"lagged"')) told.push(data);
    });
    // The network takes nothing more of it.
    const { socket: network } = slow.request;
    network.cork();
    for (let more = 0; more < 6; more += 1) await writer.append(id, 1, { text: 'x'.repeat(100_000) });
    await until('it is told', () => told.length > 0);
    await writer.append(id, 50);
    expect(numbers(events)).toEqual([1]);
    network.uncork();
    await until('what it missed', () => events.length === 57);
    expect(connections()).not.toContain(slow);
    expect(told).toHaveLength(1);
    await writer.append(id, 5);
    await end(id);
    await ended;
    expect(numbers(events)).toEqual(upTo(63));
  });

  it('signs in again when the token is not valid any more', async () => {
    const admin = new NyxClient({ url: nyx.url, token: await nyx.token('admin') });
    const user = { username: 'follower', password: 'the password of a follower' };
    const made = await admin.post('/api/v1/auth/users', { body: { ...user, role: 'viewer' } });
    const client = new NyxClient({ url: relay.url });
    await client.signIn(user.username, user.password);
    const id = await writer.begin(1);
    const { events, ended } = reading(client.follow(id));
    await until('the first', () => events.length === 1);
    await admin.patch('/api/v1/auth/users/{id}', { params: { path: { id: made.id } }, body: { role: 'operator' } });
    await writer.append(id, 2);
    await until('the next', () => events.length === 3);
    await admin.delete('/api/v1/auth/users/{id}', { params: { path: { id: made.id } } });
    await expect(ended).rejects.toMatchObject({ name: 'NyxProblem', error_code: 'UNAUTHENTICATED' });
    expect(numbers(events)).toEqual(upTo(3));
  });

  it('stops when it is told to, also without a connection', async () => {
    const id = await writer.begin(1);
    const client = await viewer();
    for (const isCut of [false, true]) {
      const stop = new AbortController();
      const { events, ended } = reading(client.follow(id, { signal: stop.signal }));
      await until('the first', () => events.length === 1);
      if (isCut) relay.cut();
      stop.abort(new Error('enough'));
      await expect(ended).rejects.toThrow('enough');
      relay.resume();
    }
    for await (const event of client.follow(id)) {
      expect(event.seq).toBe(1);
      break;
    }
  });

  it('goes by a proxy that serves NYX under a path', async () => {
    const id = await writer.begin(3);
    await end(id);
    const proxy = await underPrefix();
    const client = await viewer(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/nyx/`);
    expect(numbers(await all(client.follow(id, { signal: AbortSignal.timeout(20_000) })))).toEqual(upTo(4));
    await new Promise((resolve) => proxy.close(resolve));
  });

  it.each([
    ['an unknown workflow', newId(), 0, { error_code: 'NOT_FOUND' }],
    ['no id', 'x', 0, { error_code: 'VALIDATION_ERROR', errors: [{ field: 'workflow_id' }] }],
  ])('is refused for %s', async (_what, id, afterSeq, problem) => {
    await expect(all((await viewer()).follow(id, { afterSeq }))).rejects.toMatchObject(problem);
  });

  it('is refused without signing in', async () => {
    const nobody = new NyxClient({ url: nyx.url });
    await expect(all(nobody.follow(newId()))).rejects.toMatchObject({ error_code: 'UNAUTHENTICATED' });
  });
});
