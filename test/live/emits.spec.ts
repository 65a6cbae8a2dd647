import type { Socket } from 'socket.io-client';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { type Acknowledged, ask, connect, connected, disconnectAll, type LiveEvent, next } from './live-client.js';
import { WorkflowWriter } from './workflow-writer.js';

let nyx: TestApp;
let writer: WorkflowWriter;
beforeAll(async () => {
  nyx = await startApp({ isolatePrincipals: true });
  writer = new WorkflowWriter(nyx.app);
});
afterEach(disconnectAll);
afterAll(() => nyx.close());

async function client(role: 'viewer' | 'admin' = 'admin'): Promise<{ socket: Socket; events: LiveEvent[] }> {
  const socket = connect(nyx.url, '/ws/workflows', { token: await nyx.token(role) });
  const events: LiveEvent[] = [];
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  return { socket, events };
}

describe('what a client emits', () => {
  it('is refused in its acknowledgement when it is wrong, and the socket goes on', async () => {
    const workflow_id = await writer.begin(2);
    const { socket, events } = await client();
    const wrong: unknown[][] = [
      ['subscribe'],
      ['subscribe', null],
      ['subscribe', 'text'],
      ['subscribe', 7],
      ['subscribe', []],
      ['subscribe', [{ workflow_id }]],
      ['subscribe', Buffer.from('x')],
      ['subscribe', {}],
      ['subscribe', { workflow_id }, { workflow_id }],
      ['subscribe', { workflow_id: 'x' }],
      ['subscribe', { workflow_id: [workflow_id] }],
      ['subscribe', { workflow_id: { toString: 'x' } }],
      ['subscribe', { workflow_id, other: 1 }],
      ['subscribe', { workflow_id, after_seq: -1 }],
      ['subscribe', { workflow_id, after_seq: 0.5 }],
      ['subscribe', { workflow_id, after_seq: '1' }],
      ['subscribe', { workflow_id, after_seq: null }],
      ['subscribe', { workflow_id, after_seq: 3 }],
      ['subscribe', JSON.parse(`{"workflow_id":"${workflow_id}","__proto__":{"x":1}}`)],
      ['unsubscribe', { workflow_id, after_seq: 1 }],
      ['none', { workflow_id }],
      ['error', { workflow_id }],
      ['constructor', {}],
    ];
    for (const [event, ...args] of wrong) {
      const answer = await ask(socket, String(event), ...args);
      expect([event, args, answer.ok, answer.error_code]).toEqual([event, args, false, 'VALIDATION_ERROR']);
    }
    // Without acknowledgement nobody is told.
    for (const [event, ...args] of wrong) socket.emit(String(event), ...args);
    socket.emit('subscribe', { workflow_id });
    await until('its events', () => events.length === 2);
  });

  it('ends the connection when it is huge', async () => {
    const { socket } = await client();
    const reason = next(socket, 'disconnect');
    socket.emit('subscribe', { workflow_id: 'x'.repeat(20_000) });
    expect(await reason).toMatch(/^transport (close|error)$/);
  });

  it('is refused when it is too much, and ends the connection when it goes on', async () => {
    const { socket } = await client();
    const body = { workflow_id: await writer.begin() };
    const answers = Array.from({ length: 2_000 }, () => ask(socket, 'unsubscribe', body).catch(() => undefined));
    expect((await Promise.all(answers)).some((answer) => answer?.error_code === 'RATE_LIMITED')).toBe(true);
    const reason = next(socket, 'disconnect');
    for (let more = 0; more < 4_000; more += 1) socket.emit('unsubscribe', body);
    expect(await reason).toMatch(/^transport (close|error)$/);
  });

  it('subscribes to a thousand workflows at most', async () => {
    const { socket } = await client();
    const subscribed = async (count: number): Promise<Acknowledged[]> => {
      const ids = await Promise.all(Array.from({ length: count }, () => writer.begin()));
      return await Promise.all(ids.map((workflow_id) => ask(socket, 'subscribe', { workflow_id })));
    };
    // In groups: a thousand at once would wait longer for a connection of the pool than they may.
    for (let count = 0; count < 990; count += 45) expect((await subscribed(45)).filter(({ ok }) => !ok)).toEqual([]);
    // Not always the last one: what is asked at once is answered in any order.
    const answers = await subscribed(11);
    expect(answers.filter(({ ok }) => !ok)).toEqual([expect.objectContaining({ error_code: 'RATE_LIMITED' })]);
  });
});

it('with ISOLATE_PRINCIPALS workflows of others do not exist for a socket, but for an admin', async () => {
  const me = (await (await nyx.request('viewer', 'GET', '/api/v1/auth/me')).json()) as { id: string };
  const [mine, others] = [await writer.begin(1, me.id), await writer.begin(1, 'somebody else')];
  const { socket, events } = await client('viewer');
  expect(await ask(socket, 'subscribe', { workflow_id: others })).toMatchObject({ ok: false, error_code: 'NOT_FOUND' });
  expect(await ask(socket, 'subscribe', { workflow_id: mine })).toEqual({ ok: true, last_seq: 1 });
  await writer.append(others);
  await writer.append(mine);
  await until('both of mine', () => events.length === 2);
  expect(events.every(({ workflow_id }) => workflow_id === mine)).toBe(true);
  const admin = await client('admin');
  expect(await ask(admin.socket, 'subscribe', { workflow_id: others })).toEqual({ ok: true, last_seq: 2 });
});
