import { until } from '../support/until.js';
import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { ok, Receiver } from './webhook-room.js';

/** For processes that start while others do. */
const LIMIT_MS = 300_000;
const ENV = { EGRESS_PRIVATE_RANGES: '127.0.0.0/8' };

let chaos: Chaos;
let receiver: Receiver;
beforeEach(async () => {
  [chaos, receiver] = [await Chaos.begin(), await Receiver.start()];
}, LIMIT_MS);
afterEach(async () => {
  await chaos.end();
  await receiver.server.close();
}, LIMIT_MS);
afterAll(cleanUpProcesses, LIMIT_MS);

async function make(nyx: NyxProcess): Promise<void> {
  const body = JSON.stringify({ url: receiver.server.url, event_types: ['*'] });
  const answer = await chaos.fetch(nyx, '/api/v1/system/webhooks', { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`The webhook was not made: ${await answer.text()}`);
}

const open = async (): Promise<number> => {
  const { rows } = await chaos.sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM webhook_deliveries WHERE status <> 'delivered'`,
  );
  return rows[0]?.count ?? -1;
};

it(
  'two replicas send each event once, those of a workflow in order',
  async () => {
    const replicas = await Promise.all([chaos.startNyx(ENV), chaos.startNyx(ENV)]);
    await make(replicas[0]);
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, n) => chaos.accept(replicas[n % 2] ?? replicas[0], `Say ${n}.`, {})),
    );
    await chaos.untilEnded(ids, LIMIT_MS);
    await until('all to be delivered', async () => (await open()) === 0, LIMIT_MS);
    for (const id of ids) {
      const { rows } = await chaos.sql.query<{ seq: number }>(
        'SELECT seq::int FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
        [id],
      );
      const seen = receiver.messages.filter(({ workflow_id: of }) => of === id).map(({ seq }) => seq);
      expect(seen).toEqual(rows.map(({ seq }) => seq));
    }
  },
  LIMIT_MS,
);

it(
  'what a replica was sending when it was killed is sent again, under the same id',
  async () => {
    receiver.answer = () => undefined;
    const first = await chaos.startNyx(ENV);
    await make(first);
    const id = await chaos.accept(first, 'Say a word.', {});
    await receiver.heard(1);
    await chaos.kill(first);
    receiver.answer = ok;
    const second = await chaos.startNyx(ENV);
    // Its time runs out, as it does by itself after 30 seconds.
    await chaos.sql.query('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE is_being_sent');
    await chaos.untilEnded([id], LIMIT_MS);
    await until('all to be delivered', async () => (await open()) === 0, LIMIT_MS);
    const [one, again] = receiver.server.seen.map(({ headers }) => headers['webhook-id']);
    expect(again).toBe(one);
    const seen = receiver.messages.map(({ seq }) => seq);
    expect(seen).toEqual([1, ...Array.from({ length: seen.length - 1 }, (_, index) => index + 1)]);
    expect(`${first.stdout()}${second.stdout()}`).not.toContain('whsec_');
  },
  LIMIT_MS,
);

it(
  'what a replica is sending when it stops is given back, and sent by the next',
  async () => {
    receiver.answer = () => undefined;
    const first = await chaos.startNyx(ENV);
    await make(first);
    const id = await chaos.accept(first, 'Say a word.', {});
    await receiver.heard(1);
    first.kill('SIGTERM');
    expect(await first.exited).toMatchObject({ code: 0 });
    const { rows } = await chaos.sql.query('SELECT id FROM webhook_deliveries WHERE is_being_sent OR attempts > 0');
    expect(rows).toEqual([]);
    receiver.answer = ok;
    await chaos.startNyx(ENV);
    await chaos.untilEnded([id], LIMIT_MS);
    await until('all to be delivered', async () => (await open()) === 0, LIMIT_MS);
  },
  LIMIT_MS,
);
