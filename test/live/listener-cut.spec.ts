import pg from 'pg';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { ClientSql } from '../../src/database/sql.js';
import { EventLog, type EventType, type NewEvent } from '../../src/events/event-log.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { ask, connect, connected, disconnectAll, type LiveEvent } from './live-client.js';

const LISTENING = `FROM pg_stat_activity WHERE application_name = 'nyx:listen' AND datname = $1`;

let nyx: TestApp;
let database: string;
/** Of the server, at another database: who may come to ours is not for those who are in it to say. */
let server: pg.Client;
/** Of another replica. */
let other: pg.Client;
beforeAll(async () => {
  nyx = await startApp();
  const url = new URL(nyx.config.database.url ?? '');
  other = new pg.Client({ connectionString: url.href });
  database = url.pathname.slice(1);
  url.pathname = '/postgres';
  server = new pg.Client({ connectionString: url.href });
  await server.connect();
  await other.connect();
}, 180_000);
afterEach(disconnectAll);
afterAll(async () => {
  await server.end();
  await other.end();
  await nyx.close();
});

const isListening = async (): Promise<boolean> =>
  ((await server.query(`SELECT 1 ${LISTENING}`, [database])).rowCount ?? 0) > 0;
const letIn = (anybody: boolean): Promise<unknown> =>
  server.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} ALLOW_CONNECTIONS ${anybody}`);

/** As another replica does, on a connection of its own: nobody in this process is told but by the database. */
async function commitElsewhere(id: string, types: readonly EventType[]): Promise<void> {
  await other.query('BEGIN');
  const events = types.map((type) => ({ type, data: {} }) as NewEvent);
  await new ClientSql(other).whole((tx) => nyx.app.get(EventLog).append(tx, id, events));
  await other.query(`SELECT pg_notify('nyx_events', $1)`, [id]);
  await other.query('COMMIT');
}

it('what is committed elsewhere while nobody listens reaches sockets and streams once somebody does, once and in order', async () => {
  const id = newId();
  const first: NewEvent = { type: 'workflow.paused', data: { paused: true } };
  await nyx.app.get(Database).transaction((tx) => nyx.app.get(EventLog).begin(tx, id, 'test', [first]));
  const socket = connect(nyx.url, '/ws/workflows', { token: await nyx.token('viewer') });
  const events: LiveEvent[] = [];
  socket.on('event', (event: LiveEvent) => events.push(event));
  await connected(socket);
  await ask(socket, 'subscribe', { workflow_id: id });
  const answer = await nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}/events`);
  const stream = answer.text();
  await commitElsewhere(id, ['workflow.progress']);
  await until('both events', () => events.length === 2);

  for (let round = 0; round < 3; round += 1) {
    await letIn(false);
    try {
      await server.query(`SELECT pg_terminate_backend(pid) ${LISTENING}`, [database]);
      await until('nobody to listen', async () => !(await isListening()));
      await commitElsewhere(id, ['workflow.progress', 'workflow.resumed']);
      expect(await isListening()).toBe(false);
    } finally {
      await letIn(true);
    }
    await until('the listener again', isListening, 30_000);
    await until('what it missed', () => events.length >= 4 + 2 * round, 30_000);
  }
  await commitElsewhere(id, ['workflow.completed']);
  await until('the end', () => events.length >= 9, 30_000);
  const numbers = Array.from({ length: 9 }, (_, at) => at + 1);
  expect(events.map(({ seq }) => seq)).toEqual(numbers);
  const streamed = [...(await stream).matchAll(/^data: (.*)$/gm)].map(
    ([, json]) => JSON.parse(json ?? '') as LiveEvent,
  );
  expect(streamed).toEqual(events);
}, 180_000);
