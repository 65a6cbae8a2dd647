import { setTimeout as pause } from 'node:timers/promises';
import type { ApiKeyView, CreatedApiKey } from '../../src/auth/dto/api-key.dto.js';
import { type Answer, bearer, call, expectProblem, login } from '../http/client.js';
import { ADMIN, DEPLOYMENT_KEY, startProbe, testConfig, type ProbeApp } from '../http/probe-app.js';
import { until } from '../support/until.js';

let probe: ProbeApp;
let admin: Record<string, string>;
const keys = (path = ''): string => `${probe.url}/api/v1/auth/api-keys${path}`;
const me = (headers: Record<string, string>): Promise<Answer> => call(`${probe.url}/api/v1/auth/me`, { headers });
const create = async (more: object = {}): Promise<CreatedApiKey> => {
  const answer = await call<CreatedApiKey>(keys(), {
    headers: admin,
    body: { name: 'reports', role: 'operator', ...more },
  });
  expect(answer.status).toBe(201);
  return answer.body;
};

beforeAll(async () => {
  probe = await startProbe();
  admin = bearer((await login(probe.url, ADMIN.username, ADMIN.password)).access_token);
});
afterAll(() => probe.close());

describe('API keys', () => {
  it('are shown once and only their hash is kept', async () => {
    const { key, ...view } = await create();
    expect(key).toMatch(/^nyx_[\w-]{43}$/);
    expect(view).toMatchObject({ name: 'reports', role: 'operator', prefix: key.slice(0, 12), last_used_at: null });
    const listed = await call<{ items: ApiKeyView[] }>(keys(), { headers: admin });
    expect(listed.body.items[0]).toEqual(view);
    expect(listed.text).not.toContain(key);
    expect(JSON.stringify(await probe.database.query('SELECT * FROM api_keys'))).not.toContain(key);
  });

  it('let in as X-API-Key and as Bearer, with their role', async () => {
    const { key, id } = await create();
    for (const headers of [{ 'x-api-key': key }, bearer(key)]) {
      expect((await me(headers)).body).toEqual({ id, username: 'reports', role: 'operator', kind: 'api_key' });
      expectProblem(await call(keys(), { headers }), 403, 'FORBIDDEN');
    }
  });

  it('are refused at once when revoked', async () => {
    const { key, id } = await create();
    expect((await me({ 'x-api-key': key })).status).toBe(200);
    expect((await call(keys(`/${id}`), { method: 'DELETE', headers: admin })).status).toBe(204);
    expectProblem(await me({ 'x-api-key': key }), 401, 'UNAUTHENTICATED');
    expectProblem(await call(keys(`/${id}`), { method: 'DELETE', headers: admin }), 404, 'NOT_FOUND');
  });

  it('are refused once expired, also while they are remembered', async () => {
    const { key } = await create({ expires_at: new Date(Date.now() + 4_000).toISOString() });
    expect((await me({ 'x-api-key': key })).status).toBe(200);
    await until('it has expired', async () => (await me({ 'x-api-key': key })).status !== 200);
    expectProblem(await me({ 'x-api-key': key }), 401, 'UNAUTHENTICATED');
  });

  it('remember their last use, written at most once a minute', async () => {
    const { key, id } = await create();
    const lastUse = async (): Promise<string | undefined> => {
      const [row] = await probe.database.query<{ at: string }>(
        'SELECT last_used_at::text || xmin::text AS at FROM api_keys WHERE id = $1',
        [id],
      );
      return row?.at;
    };
    await me({ 'x-api-key': key });
    while (!(await lastUse())) await pause(10);
    const first = await lastUse();
    for (let round = 0; round < 5; round += 1) await me({ 'x-api-key': key });
    await pause(50);
    expect(await lastUse()).toBe(first);
  });

  it.each([
    ['without name', { name: '' }],
    ['of no role', { role: 'root' }],
    ['expired', { expires_at: '2020-01-01T00:00:00Z' }],
    ['expiring on a day that does not exist', { expires_at: '2027-02-30T00:00:00Z' }],
    ['expiring in week 10', { expires_at: '2027-W10' }],
    ['expiring at a number', { expires_at: 5 }],
    ['of a given key', { key: 'x' }],
  ])('%s are not made', async (_what, more) => {
    const answer = await call(keys(), { headers: admin, body: { name: 'x', role: 'viewer', ...more } });
    expectProblem(answer, 400, 'VALIDATION_ERROR');
  });

  it.each(['', 'x', 'nyx_', `nyx_${'a'.repeat(43)}`, `nyx_${'a'.repeat(43)}'--`, 'a.b.c', 'x'.repeat(5000)])(
    '%j lets nobody in',
    async (key) => {
      expectProblem(await me({ 'x-api-key': key }), 401, 'UNAUTHENTICATED');
      expectProblem(await me(bearer(key)), 401, 'UNAUTHENTICATED');
    },
  );
});

describe('the deployment key', () => {
  it('lets in with its role, both ways', async () => {
    for (const headers of [{ 'x-api-key': DEPLOYMENT_KEY }, bearer(DEPLOYMENT_KEY)]) {
      expect((await me(headers)).body).toMatchObject({ id: 'deployment', role: 'operator', kind: 'api_key' });
    }
    expectProblem(await me({ 'x-api-key': DEPLOYMENT_KEY.slice(0, -1) }), 401, 'UNAUTHENTICATED');
  });

  it('is nothing when none is set', async () => {
    const without = await startProbe([], testConfig({ deploymentApiKey: undefined }));
    for (const key of [DEPLOYMENT_KEY, 'undefined', '']) {
      const answer = await call(`${without.url}/api/v1/auth/me`, { headers: { 'x-api-key': key } });
      expectProblem(answer, 401, 'UNAUTHENTICATED');
    }
    await without.close();
  });
});
