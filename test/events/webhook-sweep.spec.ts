import { AppConfig } from '../../src/config/app-config.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { EventFeed } from '../../src/events/event-feed.js';
import { DeliveryLoop } from '../../src/events/webhooks/delivery-loop.js';
import { DeliveryOutcomes } from '../../src/events/webhooks/delivery-outcomes.js';
import { DeliveryQueue } from '../../src/events/webhooks/delivery-queue.js';
import { DeliverySender } from '../../src/events/webhooks/delivery-sender.js';
import { DeliverySweep } from '../../src/events/webhooks/delivery-sweep.js';
import { Receiver, WebhookRoom } from './webhook-room.js';

let room: WebhookRoom;
let receiver: Receiver;
beforeAll(async () => {
  room = await WebhookRoom.start();
  receiver = await Receiver.start();
});
afterAll(async () => {
  await room.nyx.close();
  await receiver.server.close();
});

/** One that has swept nothing yet, as after a start. */
function newLoop(): DeliveryLoop {
  const { app, config } = room.nyx;
  return new DeliveryLoop(
    app.get(DeliveryQueue),
    app.get(DeliverySender),
    app.get(DeliveryOutcomes),
    new DeliverySweep(room.database, config),
    app.get(AppConfig),
    app.get(EventFeed),
    app.get(Notifications),
  );
}

it('deliveries go out however many old ones there are to remove', async () => {
  const webhook = await room.make(receiver);
  const old = await room.begin('workflow.started');
  await receiver.heard(1);
  await room.untilStatuses(webhook.id, 'delivered');
  // Of these there is no end: what is removed is there again.
  await room.database.query(
    `INSERT INTO workflow_events (workflow_id, seq, type) SELECT $1, n, 'workflow.progress' FROM generate_series(2, 2001) n`,
    [old],
  );
  await room.database.query(
    `INSERT INTO webhook_deliveries (id, webhook_id, workflow_id, seq, event_type, retry_until, status, next_attempt_at, created_at)
     SELECT gen_random_uuid(), $2, workflow_id, seq, type, now(), 'delivered', now(), now() - interval '99 days'
       FROM workflow_events WHERE workflow_id = $1 AND seq > 1`,
    [old, webhook.id],
  );
  await room.database.query(`
    CREATE FUNCTION put_back() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO webhook_deliveries SELECT * FROM gone; RETURN NULL; END $$`);
  await room.database.query(`
    CREATE TRIGGER put_back AFTER DELETE ON webhook_deliveries REFERENCING OLD TABLE AS gone
      FOR EACH STATEMENT EXECUTE FUNCTION put_back()`);
  // The one that came with the application has swept; what is due is found by the other alone.
  await room.nyx.app.get(DeliveryLoop).onModuleDestroy();
  const loop = newLoop();
  try {
    loop.onApplicationBootstrap();
    await room.begin('workflow.started');
    await receiver.heard(2);
    await room.begin('workflow.started');
    await receiver.heard(3);
  } finally {
    await room.database.query('DROP TRIGGER put_back ON webhook_deliveries');
    await loop.onModuleDestroy();
  }
});
