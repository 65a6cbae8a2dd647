import { RELEASE } from '../../src/config/release.js';
import { newId } from '../../src/database/ids.js';
import { EVENT_TYPES } from '../../src/events/event-log.js';
import { until } from '../support/until.js';
import { messageIn, ok, Receiver, status, WebhookRoom } from './webhook-room.js';

let room: WebhookRoom;
let receiver: Receiver;
beforeAll(async () => {
  room = await WebhookRoom.start();
});
afterAll(() => room.nyx.close());
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  await room.clear();
  await receiver.server.close();
});

describe('a delivery', () => {
  it('is an event as every client gets it, signed as Standard Webhooks', async () => {
    const { id, secret } = await room.make(receiver);
    const workflowId = await room.begin('workflow.started');
    const [request] = await receiver.heard(1);
    if (request === undefined) throw new Error('Nothing was heard.');
    expect(request).toMatchObject({ method: 'POST', path: '/hook?key=in-the-url' });
    expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': `NYX/${RELEASE}` });
    const [row] = await room.database.query<{ at: Date }>('SELECT at FROM workflow_events WHERE workflow_id = $1', [
      workflowId,
    ]);
    const [delivery] = await room.untilStatuses(id, 'delivered');
    expect(Receiver.verified(request, secret)).toEqual({
      workflow_id: workflowId,
      seq: 1,
      type: 'workflow.started',
      at: row?.at.toISOString(),
      data: { said: 'workflow.started' },
    });
    expect(delivery).toMatchObject({
      id: request.headers['webhook-id'],
      attempts: 1,
      last_status: 200,
      last_error: null,
      next_attempt_at: null,
    });
    expect(() => Receiver.verified({ ...request, body: `${request.body} ` }, secret)).toThrow('No matching signature');
  });

  it('is owed for every type of event that was asked for, and for no other', async () => {
    await room.make(receiver, { event_types: ['workflow.started', 'llm.completed'] });
    const id = await room.begin(...EVENT_TYPES);
    await receiver.heard(2);
    await room.append(id, 'workflow.progress', 'llm.completed');
    await receiver.heard(3);
    expect(receiver.messages.map(({ type }) => type)).toEqual(['workflow.started', 'llm.completed', 'llm.completed']);
  });

  it('is owed for one workflow alone where one was named', async () => {
    const id = await room.begin('workflow.started');
    const { id: webhookId } = await room.make(receiver, { workflow_id: id });
    await room.begin('workflow.started');
    await room.append(id, 'workflow.progress');
    await room.untilStatuses(webhookId, 'delivered');
    expect(receiver.messages.map(({ workflow_id: of, seq }) => [of, seq])).toEqual([[id, 2]]);
  });

  it('is not owed when the event was rolled back, and leaves with the workflow', async () => {
    receiver.answer = status(500);
    const { id: webhookId } = await room.make(receiver);
    const workflowId = await room.begin('workflow.started');
    await room.untilStatuses(webhookId, 'failed');
    await expect(
      room.database.transaction(async (tx) => {
        await room.appendIn(tx, workflowId, 'workflow.completed');
        const owed = await tx.query('SELECT seq::int FROM webhook_deliveries ORDER BY seq');
        expect(owed).toEqual([{ seq: 1 }, { seq: 2 }]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await room.database.query('SELECT seq::int FROM webhook_deliveries')).toEqual([{ seq: 1 }]);
    // The next event takes the number, and the delivery of it is the only one of that number.
    await room.append(workflowId, 'workflow.progress');
    receiver.answer = ok;
    await until('both to be delivered', async () => {
      await room.letTimePass();
      return (await room.deliveries(webhookId)).every((delivery) => delivery.status === 'delivered');
    });
    expect(new Set(receiver.messages.map(({ seq, type }) => `${seq} ${type}`))).toEqual(
      new Set(['1 workflow.started', '2 workflow.progress']),
    );
    await room.database.query('DELETE FROM event_streams WHERE workflow_id = $1', [workflowId]);
    expect(await room.deliveries(webhookId)).toEqual([]);
  });

  it('waits while its webhook is disabled, when nothing new is owed either', async () => {
    receiver.answer = status(500);
    const { id } = await room.make(receiver);
    const workflowId = await room.begin('workflow.started');
    await room.untilStatuses(id, 'failed');
    expect((await room.call('PATCH', `/${id}`, { enabled: false })).status).toBe(200);
    receiver.answer = ok;
    await room.append(workflowId, 'workflow.progress');
    await room.letTimePass();
    const other = await Receiver.start();
    const { id: otherId } = await room.make(other);
    await room.begin('workflow.started');
    await room.untilStatuses(otherId, 'delivered');
    expect((await room.deliveries(id)).map((delivery) => delivery.status)).toEqual(['failed']);
    expect(receiver.server.seen).toHaveLength(1);
    await room.call('PATCH', `/${id}`, { enabled: true });
    await room.untilStatuses(id, 'delivered');
    await other.server.close();
  });
});

describe('the events of a workflow', () => {
  it('come in order: none before the one before it was delivered or died', async () => {
    let isDown = true;
    receiver.answer = (request, response) => (isDown ? status(500) : ok)(request, response);
    const { id } = await room.make(receiver);
    const first = await room.begin('workflow.started', 'workflow.planned', 'workflow.completed');
    await room.untilStatuses(id, 'failed', 'pending', 'pending');
    const other = await room.begin('workflow.started');
    await until('the other workflow to be tried', () => receiver.messages.some(({ workflow_id: of }) => of === other));
    expect(receiver.messages.filter(({ workflow_id: of, seq }) => of === first && seq > 1)).toEqual([]);
    isDown = false;
    await until('all to be delivered', async () => {
      await room.letTimePass();
      return (await room.deliveries(id)).every((delivery) => delivery.status === 'delivered');
    });
    const seen = receiver.messages.filter(({ workflow_id: of }) => of === first).map(({ seq }) => seq);
    expect(seen.filter((seq) => seq > 1)).toEqual([2, 3]);
    expect(seen.lastIndexOf(1)).toBeLessThan(seen.indexOf(2));
  });

  it('stay in order when they happen while others are sent', async () => {
    const { id } = await room.make(receiver);
    const workflows = await Promise.all(Array.from({ length: 6 }, () => room.begin('workflow.started')));
    for (let n = 0; n < 20; n += 1) {
      await Promise.all(workflows.map((workflowId) => room.append(workflowId, 'workflow.progress')));
    }
    await receiver.heard(6 * 21);
    for (const workflowId of workflows) {
      const seen = receiver.messages.filter(({ workflow_id: of }) => of === workflowId).map(({ seq }) => seq);
      expect(seen).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    }
    await until('all to be delivered', async () =>
      (await room.deliveries(id)).every((delivery) => delivery.status === 'delivered'),
    );
  });

  it('go on when one is dead', async () => {
    receiver.answer = (request, response) => {
      const isFirst = receiver.messages.at(-1)?.seq === 1;
      (isFirst ? status(500) : ok)(request, response);
    };
    const { id } = await room.make(receiver);
    await room.begin('workflow.started', 'workflow.completed');
    await room.untilStatuses(id, 'failed', 'pending');
    await room.letADayPass();
    await room.untilStatuses(id, 'dead', 'delivered');
  });
});

describe('what was not delivered', () => {
  it('is sent again under the same id, later each time, for a day, and then is dead', async () => {
    receiver.answer = status(503);
    const { id } = await room.make(receiver);
    await room.begin('workflow.started');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await receiver.heard(attempt);
      await until('the attempt to be written down', async () => {
        // It counts from its beginning, when it still has the status of the one before.
        const over = await room.database.query<{ status: string; last_status: number }>(
          'SELECT status, last_status FROM webhook_deliveries WHERE attempts = $1 AND NOT is_being_sent',
          [attempt],
        );
        return over[0]?.status === 'failed' && over[0].last_status === 503;
      });
      const [row] = await room.database.query<{ wait: number }>(
        'SELECT extract(epoch FROM next_attempt_at - last_attempt_at)::float8 AS wait FROM webhook_deliveries',
      );
      waits.push(row?.wait ?? 0);
      if (attempt < 4) await room.letTimePass();
    }
    waits.forEach((wait, index) => expect(wait).toBeGreaterThan([4, 24, 96, 480][index] ?? Infinity));
    expect(new Set(receiver.server.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await room.deliveries(id))[0]).toMatchObject({ status: 'failed', last_error: 'It answered 503.' });
    await room.letADayPass();
    const [dead] = await room.untilStatuses(id, 'dead');
    expect(dead).toMatchObject({ attempts: 5, next_attempt_at: null });
    await room.letTimePass();
    expect(receiver.server.seen).toHaveLength(5);
  });

  it('is delivered when somebody asks for it, one or all that are dead', async () => {
    receiver.answer = status(500);
    const { id } = await room.make(receiver);
    await room.begin('workflow.started');
    await room.untilStatuses(id, 'failed');
    await room.letADayPass();
    const [dead] = await room.untilStatuses(id, 'dead');
    receiver.answer = ok;
    const one = await room.call('POST', `/${id}/deliveries/${dead?.id}/redeliver`);
    expect([one.status, one.body]).toEqual([202, { redelivered: 1 }]);
    await room.untilStatuses(id, 'delivered');
    await room.database.query(`UPDATE webhook_deliveries SET status = 'dead'`);
    const all = await room.call('POST', `/${id}/redeliver`);
    expect([all.status, all.body]).toEqual([202, { redelivered: 1 }]);
    await room.untilStatuses(id, 'delivered');
    expect((await room.call('POST', `/${id}/redeliver`)).body).toEqual({ redelivered: 0 });
    const ids = receiver.server.seen.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids)).toEqual(new Set([dead?.id]));
  });

  it('is handed out again when the time of who has it has run out, and not before', async () => {
    receiver.answer = () => undefined;
    const { id } = await room.make(receiver);
    await room.begin('workflow.started');
    await receiver.heard(1);
    const again = await room.call('POST', `/${id}/deliveries/${(await room.deliveries(id))[0]?.id}/redeliver`);
    expect([again.status, again.body]).toMatchObject([409, { error_code: 'CONFLICT' }]);
    const [row] = await room.database.query<{ is_being_sent: boolean }>('SELECT is_being_sent FROM webhook_deliveries');
    expect(row).toEqual({ is_being_sent: true });
    // As if the process that had it were dead: its time has run out.
    receiver.answer = ok;
    await room.database.query('UPDATE webhook_deliveries SET next_attempt_at = now()');
    await room.call('POST', `/${id}/redeliver`);
    await receiver.heard(2);
    await room.untilStatuses(id, 'delivered');
  });
});

it('410 disables the webhook, and the audit log says so', async () => {
  receiver.answer = status(410);
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  await room.untilStatuses(id, 'dead');
  expect((await room.call('GET', `/${id}`)).body).toMatchObject({
    enabled: false,
    disabled_reason: 'It answered 410 Gone.',
  });
  const audit = await room.nyx.request('admin', 'GET', '/api/v1/auth/audit?action=disableGoneWebhook');
  expect(await audit.json()).toMatchObject({ items: [{ actor: null, target: `id=${id}`, outcome: 'done' }] });
});

it('a new secret and the one before sign for a day', async () => {
  const { id, secret: before } = await room.make(receiver);
  const { body } = await room.call<{ secret: string }>('PATCH', `/${id}`, { rotate_secret: true });
  await room.begin('workflow.started');
  const [both] = await receiver.heard(1);
  if (both === undefined) throw new Error('Nothing was heard.');
  for (const secret of [before, body.secret]) expect(Receiver.verified(both, secret)).toEqual(messageIn(both));
  await room.database.query('UPDATE webhooks SET previous_secret_until = now()');
  await room.begin('workflow.started');
  const [, alone] = await receiver.heard(2);
  if (alone === undefined) throw new Error('Nothing was heard.');
  expect(Receiver.verified(alone, body.secret)).toEqual(messageIn(alone));
  expect(() => Receiver.verified(alone, before)).toThrow('No matching signature');
});

it('no webhook, no deliveries', async () => {
  await room.begin('workflow.started');
  expect(await room.database.query('SELECT id FROM webhook_deliveries')).toEqual([]);
  expect((await room.call('GET', `/${newId()}/deliveries`)).status).toBe(404);
});
