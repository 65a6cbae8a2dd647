import pg from 'pg';
import { bearer, call, login } from '../http/client.js';
import { ADMIN, JWT_SECRET, startProbeApp, type ProbeApp } from '../http/probe-app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanUpProcesses, type NyxProcess, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

/** What each revocation waits for at the end of its transaction, when its process has said COMMIT and hears nothing back. */
const HELD = { users: 1, sessions: 2, api_keys: 3 } as const;
type Held = keyof typeof HELD;

let database: TestDatabase;
let other: ProbeApp;
let dying: NyxProcess;
let holder: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  other = await startProbeApp(database.url);
  dying = await startNyxProcess({
    env: { DATABASE_URL: database.url, JWT_SECRET, RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'warn' },
  });
  holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
}, 180_000);
afterAll(async () => {
  await holder.end();
  await other.close();
  await cleanUpProcesses();
  await database.drop();
});

const api = (url: string, path: string): string => `${url}/api/v1/auth/${path}`;
const statusAtOther = async (headers: Record<string, string>): Promise<number> =>
  (await call(api(other.url, 'me'), { headers })).status;

async function hold(table: Held, when: string): Promise<void> {
  await holder.query('SELECT pg_advisory_lock($1)', [HELD[table]]);
  await holder.query(`
    CREATE FUNCTION hold_${table}() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(${HELD[table]}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hold_${table} AFTER UPDATE OR DELETE ON ${table} DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION hold_${table}()`);
}

async function held(): Promise<number> {
  const { rows } = await holder.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid IN (1, 2, 3)
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0]?.count ?? 0;
}

async function newUser(admin: Record<string, string>, username: string) {
  const body = { username, password: 'a password of theirs', role: 'viewer' };
  const { body: user } = await call<{ id: string }>(api(other.url, 'users'), { headers: admin, body });
  return { id: user.id, headers: bearer((await login(other.url, username, body.password)).access_token) };
}

it('what a replica revokes, the others refuse at once, also when it dies with its commit', async () => {
  const admin = bearer((await login(other.url, ADMIN.username, ADMIN.password)).access_token);
  const deactivated = await newUser(admin, 'deactivated');
  const leaving = await newUser(admin, 'leaving');
  const { body: key } = await call<{ id: string; key: string }>(api(other.url, 'api-keys'), {
    headers: admin,
    body: { name: 'short-lived', role: 'viewer' },
  });
  await hold('users', `OLD.id = '${deactivated.id}'`);
  await hold('sessions', `OLD.user_id = '${leaving.id}'`);
  await hold('api_keys', `OLD.id = '${key.id}'`);
  const unanswered = Promise.allSettled([
    call(api(dying.url, `users/${deactivated.id}`), { method: 'PATCH', headers: admin, body: { is_active: false } }),
    call(api(dying.url, 'logout'), { method: 'POST', headers: leaving.headers }),
    call(api(dying.url, `api-keys/${key.id}`), { method: 'DELETE', headers: admin }),
  ]);
  await until('all three to commit', async () => (await held()) === 3);
  dying.kill('SIGKILL');
  await dying.exited;
  expect((await unanswered).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);

  const revoked: readonly (readonly [Held, Record<string, string>])[] = [
    ['users', deactivated.headers],
    ['sessions', leaving.headers],
    ['api_keys', { 'x-api-key': key.key }],
  ];
  for (const [table, headers] of revoked) {
    // Known to the other replica, which would trust it for longer than this waits.
    expect(await statusAtOther(headers)).toBe(200);
    await holder.query('SELECT pg_advisory_unlock($1)', [HELD[table]]);
    await until(`the end of ${table} to be heard of`, async () => (await statusAtOther(headers)) === 401);
  }
});
