import { newId } from '../../src/database/ids.js';
import { EventFeed } from '../../src/events/event-feed.js';
import { EventLog, type EventType, type NewEvent } from '../../src/events/event-log.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';

interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: { workflow_id: string; seq: number; type: string; at: string; data: Record<string, unknown> };
}

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.nyx.close().then(() => fixture.model.close()));

const ask = (workflowId: string, lastEventId?: string | number): Promise<Response> =>
  fixture.nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${workflowId}/events`, undefined, {
    ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
  });

/** Reads until the stream ends, or until `enough`. */
async function read(
  answer: Response,
  enough: (received: readonly Received[]) => boolean = () => false,
): Promise<Received[]> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('There is no body.');
  const received: Received[] = [];
  let text = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    text += value;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = new Map(
        frame.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      received.push({
        id: fields.get('id') ?? '',
        event: fields.get('event') ?? '',
        data: JSON.parse(data) as Received['data'],
      });
    }
    if (done || enough(received)) {
      await reader.cancel();
      return received;
    }
  }
}

/** Whose data would be events of their own, were they not encoded. */
const eventOf = (type: EventType): NewEvent => {
  const event: unknown = { type, data: { said: 'line\n\nid: 7' } };
  return event as NewEvent;
};

/** A stream that only this test writes to. */
async function ownStream(): Promise<{ id: string; append: (type: EventType) => Promise<void> }> {
  const [log, feed, id] = [fixture.nyx.app.get(EventLog), fixture.nyx.app.get(EventFeed), newId()];
  await fixture.database.transaction((tx) => log.begin(tx, id, 'test', [eventOf('workflow.started')]));
  const append = async (type: EventType): Promise<void> => {
    await fixture.database.transaction((tx) => log.append(tx, id, [eventOf(type)]));
    feed.announce(id, type === 'workflow.completed' ? 'end' : 'events');
  };
  return { id, append };
}

describe('events of a workflow over SSE', () => {
  it('are its history and what happens, gapless and in order, and end with it', async () => {
    const id = await fixture.accept('Name a river.');
    const answer = await ask(id);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('cache-control')).toContain('no-cache');
    const received = await read(answer);
    expect(received.map(({ id: number }) => Number(number))).toEqual(received.map((_, index) => index + 1));
    expect(received[0]).toMatchObject({
      event: 'workflow.started',
      data: { workflow_id: id, seq: 1, type: 'workflow.started' },
    });
    expect(received.at(-1)?.event).toBe('workflow.completed');
    const rows = await fixture.database.query<{ seq: number; type: string; data: object }>(
      'SELECT seq::int, type, data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
      [id],
    );
    expect(received.map(({ data: { seq, type, data } }) => ({ seq, type, data }))).toEqual(rows);
  });

  it('are resumed after the last one that was seen, and say when there is nothing more to come', async () => {
    const id = await fixture.accept('Name a lake.');
    const all = await read(await ask(id));
    expect(await read(await ask(id, 2))).toEqual(all.slice(2));
    const after = await ask(id, all.length);
    expect([after.status, await after.text()]).toEqual([204, '']);
  });

  it('come as they happen, whatever stands in them', async () => {
    const { id, append } = await ownStream();
    const answer = await ask(id);
    const reading = read(answer, (received) => received.length === 3);
    await append('workflow.progress');
    await append('workflow.progress');
    expect((await reading).map(({ data }) => data.data)).toEqual([
      { said: 'line\n\nid: 7' },
      { said: 'line\n\nid: 7', progress_percentage: 0 },
      { said: 'line\n\nid: 7', progress_percentage: 0 },
    ]);
  });

  it('go on after a retry, past the end that was', async () => {
    const { id, append } = await ownStream();
    await append('workflow.failed');
    await append('workflow.retried');
    const reading = read(await ask(id));
    await append('workflow.completed');
    expect((await reading).map(({ event }) => event)).toEqual([
      'workflow.started',
      'workflow.failed',
      'workflow.retried',
      'workflow.completed',
    ]);
  });

  it('lose no end that comes between the look at the events and the look at what was last', async () => {
    const { id, append } = await ownStream();
    const log = fixture.nyx.app.get(EventLog);
    const readLog = log.read.bind(log);
    let hasEnded = false;
    log.read = async (...args) => {
      const events = await readLog(...args);
      if (args[0] === id && events.length === 0 && !hasEnded) {
        hasEnded = true;
        await append('workflow.completed');
      }
      return events;
    };
    try {
      const reading = read(await ask(id, 1));
      expect((await reading).map(({ event }) => event)).toEqual(['workflow.completed']);
    } finally {
      log.read = readLog;
    }
  });

  it('of long histories come page by page', async () => {
    const { id, append } = await ownStream();
    const log = fixture.nyx.app.get(EventLog);
    const many = Array.from({ length: 450 }, (_, n) => ({
      type: 'workflow.progress' as const,
      data: { progress_percentage: n / 5 },
    }));
    await fixture.database.transaction((tx) => log.append(tx, id, many));
    await append('workflow.completed');
    expect((await read(await ask(id))).map(({ data }) => data.seq)).toEqual(
      Array.from({ length: 452 }, (_, n) => n + 1),
    );
  });

  it('watch nothing any more when the client has left', async () => {
    const { id } = await ownStream();
    const feed = fixture.nyx.app.get<unknown>(EventFeed) as { waiting: Map<string, unknown> };
    await read(await ask(id), (received) => received.length === 1);
    await until('nobody to watch the workflow', () => !feed.waiting.has(id));
  });

  it.each(['x', '-1', '1.5', '1e3', '9999999999999999'])('after %j is a bad request', async (lastEventId) => {
    const { id } = await ownStream();
    const answer = await ask(id, lastEventId);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error_code: 'VALIDATION_ERROR', errors: [{ field: 'Last-Event-ID' }] });
  });

  it('after one that is still to come is a bad request, which holds up nobody else', async () => {
    const { id, append } = await ownStream();
    const answer = await ask(id, 2);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({
        error_code: 'VALIDATION_ERROR',
        errors: [{ field: 'Last-Event-ID', message: 'is beyond the last event, 1' }],
      }),
    ]);
    const reading = read(await ask(id, 1));
    await append('workflow.completed');
    expect((await reading).map(({ data }) => data.seq)).toEqual([2]);
  });

  it('of an unknown workflow, and for nobody, are refused', async () => {
    expect((await ask(newId())).status).toBe(404);
    expect((await ask('x')).status).toBe(400);
    const path = `/api/v1/orchestrator/workflows/${newId()}/events`;
    expect((await fixture.nyx.request(undefined, 'GET', path)).status).toBe(401);
  });
});
