import type { ProgressData } from '../../src/events/dto/workflow-event-data.dto.js';
import { AppConfig } from '../../src/config/app-config.js';
import { Audit } from '../../src/auth/audit/audit.service.js';
import type { Database } from '../../src/database/database.service.js';
import type { Sql, Transaction } from '../../src/database/sql.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { EventLog } from '../../src/events/event-log.js';
import { Deliveries } from '../../src/events/webhooks/deliveries.service.js';
import { DeliveryOutcomes } from '../../src/events/webhooks/delivery-outcomes.js';
import { DeliveryQueue } from '../../src/events/webhooks/delivery-queue.js';
import { DeliverySweep } from '../../src/events/webhooks/delivery-sweep.js';
import { WebhookRoom } from './webhook-room.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: PlanNode }[];
}

const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];

let room: WebhookRoom;
const scans: string[] = [];
let statements = 0;

/** Runs what it is asked, and keeps which tables it reads from end to end. */
const explaining = (sql: Sql): Sql => ({
  query: async <Row>(text: string, values: readonly unknown[] = []) => {
    note(text, await sql.query<Explained>(...explained(text, values)));
    return sql.query<Row>(text, values);
  },
});

const explainingIn = (tx: Transaction): Transaction => ({
  ...explaining(tx),
  client: tx.client,
  nested: tx.nested.bind(tx),
  send: (text, values = [], check) => {
    tx.send(...explained(text, values), (rows) => note(text, rows as readonly Explained[]));
    tx.send(text, values, check);
  },
});

const explained = (text: string, values: readonly unknown[]) => [`EXPLAIN (FORMAT JSON) ${text}`, values] as const;

function note(text: string, [row]: readonly Explained[]): void {
  statements += 1;
  for (const node of (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => flat(Plan))) {
    if (node['Node Type'] === 'Seq Scan') scans.push(`${node['Relation Name']}: ${text}`);
  }
}

beforeAll(async () => {
  room = await WebhookRoom.start();
  // The first is disabled, so that the application leaves its deliveries alone until they are looked at.
  await room.database.query(
    `INSERT INTO webhooks (id, url, event_types, secret, created_by, is_enabled)
     SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'http://127.0.0.1:1/', '{*}', 'whsec_', 'test', n > 1
       FROM generate_series(1, 5) n`,
  );
  await room.database.query(
    `INSERT INTO event_streams (workflow_id, last_seq) SELECT gen_random_uuid(), 20 FROM generate_series(1, 200)`,
  );
  await room.database.query(
    `INSERT INTO workflow_events (workflow_id, seq, type) SELECT workflow_id, n, 'workflow.progress' FROM event_streams, generate_series(1, 20) n`,
  );
  await room.database.query(
    `INSERT INTO webhook_deliveries (id, webhook_id, workflow_id, seq, event_type, retry_until, status, next_attempt_at, created_at)
     SELECT gen_random_uuid(), w.id, e.workflow_id, e.seq, e.type, now(),
            (ARRAY['delivered', 'delivered', 'dead', 'failed', 'pending'])[1 + e.seq % 5], now() + interval '1 day', now() - make_interval(hours => e.seq::int)
       FROM webhooks w, workflow_events e`,
  );
  for (const table of ['webhooks', 'webhook_deliveries', 'workflow_events', 'event_streams'])
    await room.database.query(`ANALYZE ${table}`);
}, 180_000);
afterAll(() => room.nyx.close());

it('no statement of webhooks reads deliveries or events from end to end', async () => {
  const id = '00000000-0000-7000-8000-000000000001';
  await room.database.query(
    `UPDATE webhook_deliveries SET next_attempt_at = now() WHERE webhook_id = $1 AND status IN ('pending', 'failed')`,
    [id],
  );
  const sql = explaining(room.database);
  const database = {
    query: sql.query.bind(sql),
    transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
      room.database.transaction((tx) => work(explainingIn(tx))),
  } as unknown as Database;
  const [stream] = await room.database.query<{ id: string }>('SELECT workflow_id AS id FROM event_streams LIMIT 1');
  await room.database.transaction((tx) =>
    new EventLog(room.database).append(explainingIn(tx), stream?.id ?? '', [
      { type: 'workflow.progress', data: {} as ProgressData },
    ]),
  );
  const queue = new DeliveryQueue(database);
  const outcomes = new DeliveryOutcomes(database, room.nyx.app.get(Audit));
  const deliveries = new Deliveries(database, room.nyx.app.get(Notifications));
  await room.database.query('UPDATE webhooks SET is_enabled = true WHERE id = $1', [id]);
  const claimed = (await queue.claim(10, new Map())) ?? [];
  expect(claimed.length).toBeGreaterThan(1);
  for (const [index, delivery] of claimed.entries()) {
    const failure = { kind: 'failed', error: 'It answered 500.', askedMs: 0, isGone: false } as const;
    await outcomes.settle(delivery, index === 0 ? { kind: 'delivered', status: 200 } : failure);
  }
  await queue.outlook(new Map([[id, 2]]));
  await deliveries.list(id, { limit: 20 });
  await deliveries.list(id, { limit: 20, status: 'dead' });
  await deliveries.redeliverDead(id);
  await new DeliverySweep(database, room.nyx.config).whenDue(Infinity, () => false);
  expect(statements).toBeGreaterThan(8);
  expect(scans.filter((scan) => /^(webhook_deliveries|workflow_events): /.test(scan))).toEqual([]);
});

/** From the longest to the shortest, for what is gone is gone. */
it.each<[what: string, deliveriesDays: number | undefined, others: number[], delivered: number[]]>([
  ['for ever with 0', 0, [6, 8, 29, 31, 41], [6, 8, 29, 31, 41]],
  ['forty days where that is set, and all else as long', 40, [6, 8, 29, 31], [6, 8, 29, 31]],
  ['a week by default, and all else thirty days', undefined, [6, 8, 29], [6]],
  ['three days where that is set, and all else thirty', 3, [6, 8, 29], []],
])('what was delivered is kept %s', async (_what, deliveriesDays, others, delivered) => {
  await room.database.query('UPDATE webhooks SET is_enabled = false');
  await room.database.query(
    `UPDATE webhook_deliveries SET created_at = now() - make_interval(days => (ARRAY[6, 8, 29, 31, 41])[1 + (seq / 5) % 5]), next_attempt_at = now() + interval '1 day'`,
  );
  const { retention } = room.nyx.config;
  const config = Object.assign(new AppConfig(), room.nyx.config, {
    retention: { ...retention, deliveriesDays: deliveriesDays ?? retention.deliveriesDays },
  });
  await new DeliverySweep(room.database, config).whenDue(Infinity, () => false);
  const kept = await room.database.query(
    `SELECT DISTINCT status = 'delivered' AS "isDelivered", extract(day FROM now() - created_at)::int AS days FROM webhook_deliveries ORDER BY 1, 2`,
  );
  const of = (isDelivered: boolean, list: number[]): object[] => list.map((days) => ({ isDelivered, days }));
  expect(kept).toEqual([...of(false, others), ...of(true, delivered)]);
});
