import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { describeWithProgram } from '../support/needed-program.js';
import { PgBouncer } from '../support/pg-bouncer.js';
import { cleanUpProcesses, newDataDir, startNyxProcess } from '../support/process.js';
import { doctor } from './doctor-process.js';
import { refusal } from './refusal.js';

/** What `pg` sends when it connects and PgBouncer does not know. */
const SETTINGS = 'statement_timeout,idle_in_transaction_session_timeout';

let database: TestDatabase;
let pooler: PgBouncer | undefined;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterEach(async () => {
  await cleanUpProcesses();
  await pooler?.close();
  pooler = undefined;
});
afterAll(() => database.drop());

async function through(settings: Readonly<Record<string, string>>): Promise<string> {
  pooler = await PgBouncer.before(database.url, settings);
  return pooler.url;
}

async function tables(): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(`SELECT 1 FROM pg_tables WHERE schemaname IN ('public', 'durable')`);
  await client.end();
  return rowCount ?? 0;
}

describeWithProgram('pgbouncer', 'NYX behind PgBouncer', () => {
  it.each([
    [
      'in transaction mode',
      { pool_mode: 'transaction' },
      /is a connection pooler in transaction mode, .* use session mode/,
    ],
    [
      'in transaction mode over one connection',
      { pool_mode: 'transaction', default_pool_size: '1', ignore_startup_parameters: SETTINGS },
      /is a connection pooler in transaction mode, /,
    ],
    ['in statement mode', { pool_mode: 'statement' }, /is a connection pooler in statement mode, .* use session mode/],
    [
      'that does not know our settings',
      { pool_mode: 'session' },
      /NYX cannot connect to .*: unsupported startup parameter: \w+; let the connection pooler ignore it \(ignore_startup_parameters\), or /,
    ],
  ])('%s does not start, and neither does it change anything', async (_name, settings, sentence) => {
    const url = await through(settings);
    expect(await refusal({ env: { DATABASE_URL: url } })).toMatch(sentence);
    expect(await tables()).toBe(0);
  });

  it('in transaction mode is told by the doctor too', async () => {
    const url = await through({ pool_mode: 'transaction' });
    const { code, findings } = await doctor(await newDataDir(), { DATABASE_URL: url });
    expect([code, findings.database]).toEqual([1, expect.stringMatching(/^WRONG: DATABASE_URL: .* transaction mode/)]);
  });

  it('in session mode works, and the doctor says what is lost on the way', async () => {
    const url = await through({ pool_mode: 'session', default_pool_size: '60', ignore_startup_parameters: SETTINGS });
    const nyx = await startNyxProcess({ env: { DATABASE_URL: url } });
    expect((await fetch(`${nyx.url}/readyz`)).status).toBe(200);
    const { code, findings } = await doctor(nyx.dataDir, { DATABASE_URL: url });
    expect(findings).toMatchObject({
      database: expect.stringMatching(
        /^note: PostgreSQL .* drops idle_in_transaction_session_timeout, .* ALTER ROLE .*\.$/,
      ) as string,
      replicas: expect.stringMatching(/^ok: 1 run/) as string,
      clock: expect.stringMatching(/^ok: /) as string,
    });
    expect(code).toBe(0);
    nyx.kill();
    expect((await nyx.exited).code).toBe(0);
  }, 180_000);
});
