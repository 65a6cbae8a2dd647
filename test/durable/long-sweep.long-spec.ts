import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture } from './durable-fixture.js';

/** Longer than a transaction that says nothing keeps the place of who sweeps. */
const LONG_MS = 14_000;

let database: TestDatabase;
let sql: pg.Pool;
let fixture: DurableFixture;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Pool({ connectionString: database.url, max: 1 });
  fixture = await DurableFixture.start(database.url, () => Promise.resolve());
});
afterAll(async () => {
  await fixture.close();
  await sql.end();
  await database.drop();
});

it('a sweep with a long part keeps its place meanwhile, and does the parts behind it', async () => {
  const recovery = fixture.context.get(Recovery);
  const done: string[] = [];
  recovery.onSweep(async () => {
    if (done.length > 0) return;
    await sleep(LONG_MS);
    const { rows } = await sql.query<{ free: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS free', [
      ADVISORY_LOCKS.recoverySweep,
    ]);
    done.push(rows[0]?.free === true ? 'the place is lost' : 'the place is kept');
  });
  recovery.onSweep(() => Promise.resolve(void done.push('the next part')));
  await until('a sweep has ended', () => done.includes('the next part'), 2 * LONG_MS);
  expect(done.slice(0, 2)).toEqual(['the place is kept', 'the next part']);
}, 90_000);
