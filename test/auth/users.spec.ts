import { FirstStart } from '../../src/auth/first-start.service.js';
import type { UserView } from '../../src/auth/dto/user.dto.js';
import { createTestDatabase } from '../support/database.js';
import { type Answer, bearer, call, expectProblem, login } from '../http/client.js';
import { ADMIN, startProbe, startProbeApp, testConfig, type ProbeApp } from '../http/probe-app.js';

let probe: ProbeApp;
let admin: Record<string, string>;
const users = (path = ''): string => `${probe.url}/api/v1/auth/users${path}`;
const PASSWORD = 'password of a user';

let made = 0;
const create = async (role: string): Promise<UserView> => {
  made += 1;
  const body = { username: `user-${made}`, password: PASSWORD, role };
  const answer = await call<UserView>(users(), { headers: admin, body });
  expect(answer.status).toBe(201);
  return answer.body;
};
const update = (id: string, body: object): Promise<Answer<UserView>> =>
  call(users(`/${id}`), { method: 'PATCH', headers: admin, body });
const remove = (id: string): Promise<Answer> => call(users(`/${id}`), { method: 'DELETE', headers: admin });
const signIn = async (username: string): Promise<Record<string, string>> =>
  bearer((await login(probe.url, username, PASSWORD)).access_token);
const me = (headers: Record<string, string>): Promise<Answer> => call(`${probe.url}/api/v1/auth/me`, { headers });

beforeAll(async () => {
  probe = await startProbe();
  admin = bearer((await login(probe.url, ADMIN.username, ADMIN.password)).access_token);
});
afterAll(() => probe.close());

describe('users', () => {
  it('are made, shown without secrets, and can sign in', async () => {
    const user = await create('viewer');
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      username: `user-${made}`,
      role: 'viewer',
      is_active: true,
      last_login_at: null,
      created_at: expect.stringMatching(/Z$/) as string,
      updated_at: expect.stringMatching(/Z$/) as string,
    });
    const headers = await signIn(user.username);
    expect((await me(headers)).body).toMatchObject({ id: user.id, role: 'viewer', kind: 'user' });
    expectProblem(await call(users(), { headers }), 403, 'FORBIDDEN');
    const [row] = await probe.database.query<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE id = $1',
      [user.id],
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('a taken name is 409', async () => {
    const { username } = await create('viewer');
    const body = { username, password: PASSWORD, role: 'viewer' };
    expectProblem(await call(users(), { headers: admin, body }), 409, 'CONFLICT');
  });

  it.each([
    { username: '', password: PASSWORD, role: 'viewer' },
    { username: 'a b', password: PASSWORD, role: 'viewer' },
    { username: 'ok', password: 'short', role: 'viewer' },
    { username: 'ok', password: PASSWORD, role: 'root' },
    { username: 'ok', password: PASSWORD },
    { username: 'ok', password: PASSWORD, role: 'viewer', is_active: true },
  ])('%j is refused', async (body) => {
    expectProblem(await call(users(), { headers: admin, body }), 400, 'VALIDATION_ERROR');
  });

  it('are listed newest first, page by page, none twice and none missing', async () => {
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await create('viewer')).id);
    await probe.database.query(`UPDATE users SET created_at = (SELECT max(created_at) FROM users) WHERE id = ANY($1)`, [
      ids.slice(0, 4),
    ]);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const page: Answer<{ items: UserView[]; next_cursor: string | null }> = await call(users(query), {
        headers: admin,
      });
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.next_cursor;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
    expectProblem(await call(users('?cursor=abc'), { headers: admin }), 400, 'VALIDATION_ERROR');
  });

  it('a new role holds at once', async () => {
    const user = await create('viewer');
    const headers = await signIn(user.username);
    expectProblem(await call(users(), { headers }), 403, 'FORBIDDEN');
    expect((await update(user.id, { role: 'admin' })).body).toMatchObject({ role: 'admin', is_active: true });
    expect((await call(users(), { headers })).status).toBe(200);
    await update(user.id, { role: 'viewer' });
    expectProblem(await call(users(), { headers }), 403, 'FORBIDDEN');
  });

  it.each([{ is_active: false }, { password: 'another password' }])('%j signs the user out at once', async (change) => {
    const user = await create('operator');
    const headers = await signIn(user.username);
    expect((await update(user.id, change)).status).toBe(200);
    expectProblem(await me(headers), 401, 'UNAUTHENTICATED');
    const body = { username: user.username, password: PASSWORD };
    expectProblem(await call(`${probe.url}/api/v1/auth/login`, { body }), 401, 'UNAUTHENTICATED');
  });

  it('who is removed is out at once', async () => {
    const user = await create('operator');
    const headers = await signIn(user.username);
    expect((await remove(user.id)).status).toBe(204);
    expectProblem(await me(headers), 401, 'UNAUTHENTICATED');
    expectProblem(await remove(user.id), 404, 'NOT_FOUND');
    expectProblem(await update(user.id, {}), 404, 'NOT_FOUND');
  });

  it.each([{ role: null }, { is_active: null }, { is_active: 'no' }, { password: null }, { username: 'x' }])(
    'a change %j is refused',
    async (body) => {
      const { id } = await create('viewer');
      expectProblem(await update(id, body), 400, 'VALIDATION_ERROR');
    },
  );
});

describe('the last active admin', () => {
  const adminId = async (): Promise<string> => ((await me(admin)).body as UserView).id;

  it('cannot be demoted, deactivated or removed', async () => {
    const id = await adminId();
    for (const answer of [
      await update(id, { role: 'viewer' }),
      await update(id, { is_active: false }),
      await remove(id),
    ]) {
      expectProblem(answer, 409, 'CONFLICT');
    }
    expect((await update(id, { role: 'admin', is_active: true })).status).toBe(200);
  });

  it('remains when two admins remove each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ids = [await adminId(), (await create('admin')).id];
      const answers = await Promise.all(ids.map((id) => update(id, { role: 'viewer' })));
      const active = `SELECT id FROM users WHERE role = 'admin' AND is_active`;
      expect(await probe.database.query(active)).toHaveLength(1);
      expect(answers.map(({ status }) => status).sort()).not.toEqual([200, 200]);
      await probe.database.query(`UPDATE users SET role = CASE WHEN id = $1 THEN 'admin' ELSE 'viewer' END`, [ids[0]]);
      admin = bearer((await login(probe.url, ADMIN.username, ADMIN.password)).access_token);
    }
  });
});

describe('the first start', () => {
  it('of many replicas at once makes one admin', async () => {
    const database = await createTestDatabase();
    const replicas = await Promise.all([1, 2, 3].map(() => startProbeApp(database.url)));
    const [first] = replicas;
    expect(await first?.database.query('SELECT username, role FROM users')).toEqual([
      { username: 'admin', role: 'admin' },
    ]);
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.drop();
  });

  it('makes up a password when none is given, and says so once', async () => {
    const database = await createTestDatabase();
    const replica = await startProbeApp(
      database.url,
      [],
      testConfig({ admin: { username: 'root', password: undefined } }),
    );
    await replica.database.query('DELETE FROM users');
    const made = await replica.app.get(FirstStart).ensureAdmin();
    expect(made).toEqual({
      username: 'root',
      password: expect.stringMatching(/^[\w-]{24}$/) as string,
      isGenerated: true,
    });
    await login(replica.url, 'root', made?.password ?? '');
    expect(await replica.app.get(FirstStart).ensureAdmin()).toBeUndefined();
    await replica.close();
    await database.drop();
  });
});
