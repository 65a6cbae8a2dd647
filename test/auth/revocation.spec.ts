import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer, call, login } from '../http/client.js';
import { ADMIN, startProbeApp, type ProbeApp } from '../http/probe-app.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let one: ProbeApp;
let other: ProbeApp;
let admin: Record<string, string>;
const api = (probe: ProbeApp, path: string): string => `${probe.url}/api/v1/auth/${path}`;
const statusAt = async (probe: ProbeApp, headers: Record<string, string>): Promise<number> =>
  (await call(api(probe, 'me'), { headers })).status;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startProbeApp(database.url);
  other = await startProbeApp(database.url);
  admin = bearer((await login(one.url, ADMIN.username, ADMIN.password)).access_token);
});
afterAll(async () => {
  await one.close();
  await other.close();
  await database.drop();
});

let made = 0;
async function userAtBoth(): Promise<{ id: string; headers: Record<string, string> }> {
  made += 1;
  const body = { username: `gone-${made}`, password: 'a password of theirs', role: 'viewer' };
  const { body: user } = await call<{ id: string }>(api(one, 'users'), { headers: admin, body });
  const headers = bearer((await login(other.url, body.username, body.password)).access_token);
  expect([await statusAt(one, headers), await statusAt(other, headers)]).toEqual([200, 200]);
  return { id: user.id, headers };
}

/** By itself it would forget only after longer than this waits. */
async function isRefusedAtBoth(headers: Record<string, string>): Promise<boolean> {
  await until('the other replica to refuse', async () => (await statusAt(other, headers)) === 401);
  return (await statusAt(one, headers)) === 401;
}

describe('what one replica revokes, the other refuses at once', () => {
  it('a user who is deactivated', async () => {
    const { id, headers } = await userAtBoth();
    await call(api(one, `users/${id}`), { method: 'PATCH', headers: admin, body: { is_active: false } });
    expect(await isRefusedAtBoth(headers)).toBe(true);
  });

  it('a user whose password an admin sets', async () => {
    const { id, headers } = await userAtBoth();
    const body = { password: 'another one of theirs' };
    await call(api(one, `users/${id}`), { method: 'PATCH', headers: admin, body });
    expect(await isRefusedAtBoth(headers)).toBe(true);
  });

  it('a session that is left', async () => {
    const { headers } = await userAtBoth();
    await call(api(one, 'logout'), { method: 'POST', headers });
    expect(await isRefusedAtBoth(headers)).toBe(true);
  });

  it('an API key', async () => {
    const body = { name: 'short-lived', role: 'viewer' };
    const { body: made } = await call<{ id: string; key: string }>(api(one, 'api-keys'), { headers: admin, body });
    const headers = { 'x-api-key': made.key };
    expect([await statusAt(one, headers), await statusAt(other, headers)]).toEqual([200, 200]);
    await call(api(one, `api-keys/${made.id}`), { method: 'DELETE', headers: admin });
    expect(await isRefusedAtBoth(headers)).toBe(true);
  });
});
