import { newId } from '../../src/database/ids.js';
import type { WorkflowEvent } from '../../src/events/event-log.js';
import { DeliveryOutcomes } from '../../src/events/webhooks/delivery-outcomes.js';
import type { ClaimedDelivery } from '../../src/events/webhooks/delivery-queue.js';
import type { SendOutcome } from '../../src/events/webhooks/delivery-sender.js';
import { newWebhookSecret } from '../../src/events/webhooks/signature.rules.js';
import { until } from '../support/until.js';
import { ok, Receiver, status, WebhookRoom } from './webhook-room.js';

const FAILED = { kind: 'failed', error: 'It answered 500.', askedMs: 0, isGone: false } as const;

let room: WebhookRoom;
beforeAll(async () => {
  room = await WebhookRoom.start();
}, 180_000);
afterAll(() => room.nyx.close());
afterEach(() => room.clear());

/** A delivery that the test has in its hands, of a webhook that failed before; the application leaves both alone. */
async function inHand(): Promise<ClaimedDelivery> {
  const [webhookId, url, secret] = [newId(), 'http://127.0.0.1:1/', newWebhookSecret()];
  const workflowId = await room.begin('workflow.started');
  return room.database.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO webhooks (id, url, event_types, secret, created_by, failing_since) VALUES ($1, $2, '{*}', $3, 'test', now())`,
      [webhookId, url, secret],
    );
    await room.appendIn(tx, workflowId, 'workflow.progress');
    await tx.query('UPDATE webhooks SET is_enabled = false WHERE id = $1', [webhookId]);
    const [row] = await tx.query<{ id: string }>(
      `UPDATE webhook_deliveries SET attempts = 1, is_being_sent = true, next_attempt_at = now() + interval '1 hour' RETURNING id`,
    );
    const event = {
      workflowId,
      seq: 2,
      at: new Date(),
      type: 'workflow.progress',
      data: {},
    } as unknown as WorkflowEvent;
    return { id: row?.id ?? '', attempt: 1, webhook: { id: webhookId, url, secrets: [secret] }, event };
  });
}

it.each<[string, SendOutcome]>([
  ['was delivered', { kind: 'delivered', status: 200 }],
  ['failed', FAILED],
  ['is not wanted any more', { ...FAILED, status: 410, isGone: true }],
])(
  'what %s is written down beside the removal of its webhook, and neither gives up for the other',
  async (_what, outcome) => {
    const delivery = await inHand();
    let settling = Promise.resolve();
    await room.database.transaction(async (tx) => {
      // A removal locks the webhook, and then its deliveries as they leave with it.
      await tx.query('SELECT id FROM webhooks WHERE id = $1 FOR UPDATE', [delivery.webhook.id]);
      settling = room.nyx.app.get(DeliveryOutcomes).settle(delivery, outcome);
      settling.catch(() => undefined);
      await until('it waits for the webhook', async () => {
        const waiting = await room.database.query(
          `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length === 1;
      });
      await tx.query('DELETE FROM webhooks WHERE id = $1', [delivery.webhook.id]);
    });
    await settling;
    expect(await room.database.query('SELECT id FROM webhook_deliveries')).toEqual([]);
  },
);

it('webhooks are removed, by two at once, while events are appended for them and told to them, and nobody fails', async () => {
  const receiver = await Receiver.start();
  let n = 0;
  receiver.answer = (request, response) => ((n += 1) % 2 === 0 ? ok : status(500))(request, response);
  const made = await Promise.all(Array.from({ length: 6 }, () => room.make(receiver)));
  const workflows = await Promise.all(Array.from({ length: 6 }, () => room.begin('workflow.started')));
  let isOver = false;
  const appending = workflows.map(async (id) => {
    while (!isOver) await room.append(id, 'workflow.progress', 'llm.completed');
  });
  await receiver.heard(20);
  const removed = await Promise.all([...made, ...made].map(({ id }) => room.call('DELETE', `/${id}`)));
  isOver = true;
  await Promise.all(appending);
  const statuses = removed.map((answer) => answer.status);
  made.forEach((_, index) => expect([statuses[index], statuses[index + 6]]).toContain(204));
  for (const each of statuses) expect([204, 404]).toContain(each);
  expect(await room.database.query('SELECT id FROM webhook_deliveries')).toEqual([]);
  await receiver.server.close();
});
