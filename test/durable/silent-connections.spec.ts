import pg from 'pg';
import { Notifications } from '../../src/database/notifications.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { DurableFixture } from './durable-fixture.js';

const CHANNEL = 'nyx_test_of_silence';

describe('connections that are lost without a word', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let fixture: DurableFixture;
  let server: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    fixture = await DurableFixture.start(relay.url, () => Promise.resolve());
    server = new pg.Client({ connectionString: database.url });
    await server.connect();
  });
  afterAll(async () => {
    await server.end();
    relay.cut();
    relay.resume();
    await fixture.close();
    await relay.close();
    await database.drop();
  });

  it('keep nobody from hearing others, or from being alive, also where the server did not notice', async () => {
    const heard: string[] = [];
    fixture.context.get(Notifications).on(CHANNEL, (item) => heard.push(item));
    const sessions = await pidsOf(server);
    relay.silence();
    const { rows } = await server.query<{ at: Date }>('SELECT clock_timestamp() AS at');

    await until('it is alive again', async () => {
      const beat = await server.query('SELECT FROM executors WHERE last_beat_at > $1', [rows[0]?.at]);
      return beat.rowCount === 1;
    });
    await until('it hears what others say', async () => {
      await server.query('SELECT pg_notify($1, $2)', [CHANNEL, 'said']);
      return heard.includes('said');
    });
    const left = await pidsOf(server);
    expect(left.filter(({ name, pid }) => name !== 'nyx:listen' && sessions.some((each) => each.pid === pid))).toEqual(
      [],
    );
  });
});

/** Of what listens, and of what is alive by its lock. */
async function pidsOf(server: pg.Client): Promise<{ pid: number; name: string }[]> {
  const { rows } = await server.query<{ pid: number; name: string }>(
    `SELECT a.pid, a.application_name AS name FROM pg_stat_activity a
      WHERE a.datname = current_database()
        AND (a.application_name = 'nyx:listen' OR EXISTS (
              SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory' AND a.application_name LIKE 'nyx:%'))`,
  );
  return rows;
}
