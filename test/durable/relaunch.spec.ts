import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { DurableEngine } from '../../src/durable/durable-engine.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

const { jest } = import.meta;

/** The first executor that is entered from now on is refused. The sequence counts also what is rolled back. */
const REFUSE_ONCE = `
  CREATE SEQUENCE entries;
  CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('entries') = 1 THEN RAISE 'not now'; END IF;
      RETURN NEW;
    END $$;
  CREATE TRIGGER refuse_once BEFORE INSERT ON executors FOR EACH ROW EXECUTE FUNCTION refuse_once()`;

describe('a replica that was fenced', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let fixture: DurableFixture;
  let flow: Flow;

  beforeEach(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
    flow = async (durable) => {
      await durable.step('effect', () => Promise.resolve(1));
    };
    fixture = await DurableFixture.start(database.url, (durable, input) => flow(durable, input));
  });
  afterEach(async () => {
    await fixture.close();
    await sql.end();
    await database.drop();
  });

  const runsAgain = async (): Promise<void> => {
    const id = newId();
    await until('it accepts again', () =>
      fixture.accept(id).then(
        () => true,
        () => false,
      ),
    );
    await fixture.untilStatus(id, 'SUCCESS');
  };

  it('runs again under a new id also when its first relaunch fails', async () => {
    const crashes: unknown[] = [];
    const onCrash = (error: unknown): unknown => crashes.push(error);
    process.on('unhandledRejection', onCrash);
    try {
      await sql.query(REFUSE_ONCE);
      await sql.query(`UPDATE executors SET status = 'fenced'`);
      await until(
        'a new executor is live',
        async () => (await sql.query(`SELECT 1 FROM executors WHERE status = 'live'`)).rowCount === 1,
      );
      const { rows } = await sql.query('SELECT last_value::int AS entries FROM entries');
      expect(rows).toEqual([{ entries: 2 }]);
      await runsAgain();
      expect(crashes).toEqual([]);
    } finally {
      process.off('unhandledRejection', onCrash);
    }
  });

  it('runs again once when it is fenced again while it does', async () => {
    const holder = await sql.connect();
    const live = async (): Promise<string[]> => {
      const { rows } = await holder.query<{ id: string }>(`SELECT id FROM executors WHERE status = 'live'`);
      return rows.map(({ id }) => id);
    };
    try {
      await holder.query(`UPDATE executors SET status = 'fenced'`);
      // Its launch ends with the queues.
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE durable.queues IN EXCLUSIVE MODE');
      await until('it is about to run again', async () => (await live()).length === 1);
      await until('its launch waits', async () => {
        const { rows } = await holder.query(
          `SELECT FROM pg_locks WHERE relation = 'durable.queues'::regclass AND NOT granted`,
        );
        return rows.length > 0;
      });
      await fixture.database.query(`UPDATE executors SET status = 'fenced'`);
      const engine = fixture.context.get<DurableEngine, { tellFenced(): void }>(DurableEngine);
      const lost = jest.spyOn(engine, 'tellFenced');
      await until('it knows', () => lost.mock.calls.length > 0);
      // One that begins beside it would have its own by now.
      await sleep(1_500);
      expect((await holder.query('SELECT FROM executors')).rowCount).toBe(2);
      await holder.query('COMMIT');
      await until('it runs again', async () => (await live()).length === 1);
      await runsAgain();
      const { rows } = await holder.query<{ name: string }>(
        `SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^nyx:[0-9a-f]{8}-'`,
      );
      expect(rows.map(({ name }) => name)).toEqual((await live()).map((executor) => `nyx:${executor}`));
    } finally {
      await holder.query('ROLLBACK').catch(() => undefined);
      holder.release();
    }
  });

  it('gives back what it holds before it lets go of its engine, so that what its runs meet then is no result', async () => {
    const [began, ended, gaveUp] = [gate(), gate(), gate()];
    let runs = 0;
    flow = async (durable) => {
      runs += 1;
      if (runs > 1) return durable.commit('effect', () => undefined);
      began.open();
      await ended.opened;
      try {
        throw new Error('The engine is not there.');
      } finally {
        gaveUp.open();
      }
    };
    // Nobody sweeps: it has to come from the replica itself.
    fixture.context.get(Recovery).beforeApplicationShutdown();
    const id = newId();
    await fixture.accept(id);
    await began.opened;
    await sql.query(`UPDATE executors SET status = 'fenced'`);
    const { attempts } = await fixture.untilStatus(id, 'SUCCESS');
    ended.open();
    await gaveUp.opened;
    await until('the old run has written what it could', async () => {
      const { rows } = await sql.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`,
      );
      return rows[0]?.open === 0;
    });
    expect(await fixture.untilStatus(id, 'SUCCESS')).toEqual({ attempts });
    expect([runs, attempts]).toEqual([2, 1]);
  });
});
