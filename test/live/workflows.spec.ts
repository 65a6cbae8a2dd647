import type { Socket } from 'socket.io-client';
import { newId } from '../../src/database/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { ask, connect, connected, disconnectAll, type LiveEvent } from './live-client.js';
import { WorkflowWriter } from './workflow-writer.js';

let nyx: TestApp;
let writer: WorkflowWriter;
beforeAll(async () => {
  nyx = await startApp();
  writer = new WorkflowWriter(nyx.app);
});
afterEach(disconnectAll);
afterAll(() => nyx.close());

async function viewer(): Promise<{ socket: Socket; events: LiveEvent[] }> {
  const socket = connect(nyx.url, '/ws/workflows', { token: await nyx.token('viewer') });
  const events: LiveEvent[] = [];
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  return { socket, events };
}

const numbers = (events: readonly LiveEvent[], id: string): number[] =>
  events.filter(({ workflow_id: of }) => of === id).map(({ seq }) => seq);
const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('a subscription to a workflow', () => {
  it('gets its history, then what happens, each event once and in order', async () => {
    const id = await writer.begin(450);
    const { socket, events } = await viewer();
    expect(await ask(socket, 'subscribe', { workflow_id: id })).toEqual({ ok: true, last_seq: 450 });
    for (let more = 0; more < 20; more += 1) await writer.append(id, 10);
    await until('all events', () => events.length >= 650);
    expect(numbers(events, id)).toEqual(from(1, 650));
    expect(events[0]).toEqual({
      workflow_id: id,
      seq: 1,
      type: 'workflow.progress',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      data: { progress_percentage: 0 },
    });
  });

  it('gets what the stream of Server-Sent Events gets', async () => {
    const id = await writer.begin(3, 'test', { said: 'ünï\n\n' });
    const { socket, events } = await viewer();
    await ask(socket, 'subscribe', { workflow_id: id });
    await until('its events', () => events.length === 3);
    const answer = await nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}/events`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('id: 3')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as LiveEvent);
    expect(data).toEqual(events);
  });

  it('goes on after a number', async () => {
    const id = await writer.begin(10);
    const { socket, events } = await viewer();
    expect(await ask(socket, 'subscribe', { workflow_id: id, after_seq: 7 })).toEqual({ ok: true, last_seq: 10 });
    await writer.append(id);
    await until('the rest', () => events.length === 4);
    expect(numbers(events, id)).toEqual(from(8, 11));
  });

  it('made anew goes on from there, and is one still', async () => {
    const id = await writer.begin(5);
    const { socket, events } = await viewer();
    for (const after of [0, 2, 5, 4]) await ask(socket, 'subscribe', { workflow_id: id, after_seq: after });
    await until('the last subscription', () => numbers(events, id).at(-1) === 5);
    const before = events.length;
    await writer.append(id, 2);
    await until('the new events', () => numbers(events, id).at(-1) === 7);
    expect(numbers(events.slice(before), id).filter((seq) => seq > 5)).toEqual([6, 7]);
  });

  it('ends by unsubscribe, as often as one likes', async () => {
    const [id, other] = [await writer.begin(1), await writer.begin(1)];
    const { socket, events } = await viewer();
    await ask(socket, 'subscribe', { workflow_id: id });
    await ask(socket, 'subscribe', { workflow_id: other });
    await until('both', () => events.length === 2);
    for (let twice = 0; twice < 2; twice += 1)
      expect(await ask(socket, 'unsubscribe', { workflow_id: id.toUpperCase() })).toEqual({ ok: true });
    await writer.append(id);
    await writer.append(other);
    await until('the other', () => numbers(events, other).length === 2);
    await ask(socket, 'unsubscribe', { workflow_id: id });
    expect(numbers(events, id)).toEqual([1]);
  });

  it('is the same for many who come while it happens', async () => {
    const id = await writer.begin(150);
    const clients = await Promise.all(Array.from({ length: 20 }, viewer));
    const asked = clients.map(async ({ socket }, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 10));
      await ask(socket, 'subscribe', { workflow_id: id });
    });
    for (let more = 0; more < 60; more += 1) await writer.append(id, 5);
    await Promise.all(asked);
    await until('all events', () => clients.every(({ events }) => events.length >= 450));
    for (const { events } of clients) expect(numbers(events, id)).toEqual(from(1, 450));
  });

  it('of a workflow that does not exist is refused', async () => {
    const { socket } = await viewer();
    expect(await ask(socket, 'subscribe', { workflow_id: newId() })).toEqual({
      ok: false,
      error_code: 'NOT_FOUND',
      message: 'The workflow does not exist.',
    });
  });
});
