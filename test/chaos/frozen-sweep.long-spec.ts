import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

/** Who sweeps, where it waits for a lock on the way. */
const SWEEPER = `
  SELECT s.application_name AS name FROM pg_locks l JOIN pg_stat_activity s ON s.pid = l.pid
   WHERE l.locktype = 'advisory' AND (l.classid::bigint << 32) + l.objid::bigint = ${ADVISORY_LOCKS.recoverySweep}
     AND EXISTS (SELECT FROM pg_stat_activity w WHERE w.application_name = s.application_name
                    AND w.wait_event_type = 'Lock' AND w.query LIKE '%FROM executors WHERE status = ''fenced''%')`;

let chaos: Chaos;
let databaseUrl: string;
beforeAll(async () => {
  const database = await createTestDatabase();
  databaseUrl = database.url;
  chaos = await Chaos.on(databaseUrl, () => database.drop());
});
afterAll(async () => {
  await chaos.end();
  await cleanUpProcesses();
});

it('a replica that stops in the middle of its sweep is taken for dead like any other', async () => {
  const named = (name: string): Promise<NyxProcess> => {
    const url = new URL(databaseUrl);
    url.searchParams.set('application_name', name);
    return chaos.startNyx({ DATABASE_URL: url.href });
  };
  const replicas = new Map([
    ['first', await named('first')],
    ['second', await named('second')],
  ]);
  const lock = await chaos.sql.connect();
  let frozen: NyxProcess | undefined;
  try {
    // Both sweep, one at a time: so it is who comes to this first.
    await until('one waits in its sweep', async () => {
      await lock.query('BEGIN; LOCK TABLE durable.workflow_status IN ACCESS EXCLUSIVE MODE');
      for (let look = 0; look < 20 && frozen === undefined; look += 1) {
        const { rows } = await chaos.sql.query<{ name: string }>(SWEEPER);
        frozen = replicas.get(rows[0]?.name ?? '');
        if (frozen === undefined) await lock.query('SELECT pg_sleep(0.1)');
      }
      frozen?.kill('SIGSTOP');
      await lock.query('ROLLBACK');
      return frozen !== undefined;
    });
    const gone = `SELECT FROM executors WHERE status = 'gone'`;
    await until('it is taken over', async () => (await chaos.sql.query(gone)).rowCount === 1, 40_000);
  } finally {
    frozen?.kill('SIGCONT');
    lock.release();
  }
  await until('it finds itself fenced', () => {
    const said = `${frozen?.stdout() ?? ''}${frozen?.stderr() ?? ''}`;
    return said.includes('Running again as executor');
  });
}, 180_000);
