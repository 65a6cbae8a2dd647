import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

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
      const id = newId();
      await until('it accepts again', () =>
        fixture.accept(id).then(
          () => true,
          () => false,
        ),
      );
      await fixture.untilStatus(id, 'SUCCESS');
      expect(crashes).toEqual([]);
    } finally {
      process.off('unhandledRejection', onCrash);
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
