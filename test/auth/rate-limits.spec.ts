import { RateLimits } from '../../src/auth/rate-limits/rate-limits.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Answer, bearer, call, expectProblem, login } from '../http/client.js';
import { ADMIN, DEPLOYMENT_KEY, startProbeApp, testConfig, type ProbeApp } from '../http/probe-app.js';

const PER_MINUTE = 40;
let database: TestDatabase;
let one: ProbeApp;
let other: ProbeApp;
const PLAIN = { 'content-type': 'text/plain' };
const key = { 'x-api-key': DEPLOYMENT_KEY };
const me = (probe: ProbeApp, headers: Record<string, string> = key): Promise<Answer> =>
  call(`${probe.url}/api/v1/auth/me`, { headers });
/** What has leaked out of a bucket since, on a machine however slow. */
const leaking = (): (() => number) => {
  const startedAt = performance.now();
  return () => Math.ceil(((performance.now() - startedAt) * PER_MINUTE) / 60_000);
};
const fieldsOf = ({ headers }: Answer): number[] =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`) ?? 'NaN'));

/** Asks until it is refused, however much leaks out meanwhile. @returns the refusal */
async function fill(): Promise<Answer> {
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: PER_MINUTE + 10 }, () => me(one)));
    const refused = answers.find(({ status }) => status === 429);
    if (refused !== undefined) return refused;
  }
  throw new Error('Nothing is refused.');
}

beforeEach(async () => {
  database = await createTestDatabase();
  const config = testConfig({ rateLimitPerMinute: PER_MINUTE });
  one = await startProbeApp(database.url, [], config);
  other = await startProbeApp(database.url, [], config);
}, 180_000);
afterEach(async () => {
  await one.close();
  await other.close();
  await database.drop();
}, 180_000);

describe('rate limits', () => {
  it('are told in every answer, and refuse what is too much with when to come again', async () => {
    const [limit, remaining = 0, reset = 0] = fieldsOf(await me(one));
    expect(limit).toBe(PER_MINUTE);
    expect(remaining).toBeGreaterThanOrEqual(PER_MINUTE - 2);
    expect(remaining).toBeLessThan(PER_MINUTE);
    expect(reset).toBeGreaterThan(0);
    const leaked = leaking();
    const answers = await Promise.all(Array.from({ length: 2 * PER_MINUTE }, () => me(one)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.length - refused.length).toBeLessThanOrEqual(PER_MINUTE + 2 + leaked());
    for (const answer of refused) {
      expectProblem(answer, 429, 'RATE_LIMITED');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(fieldsOf(answer).slice(0, 2)).toEqual([PER_MINUTE, 0]);
    }
  });

  it('hold over replicas: no more than the limit and one lease of each', async () => {
    const leaked = leaking();
    const answers = await Promise.all(Array.from({ length: 3 * PER_MINUTE }, (_, n) => me(n % 2 === 0 ? one : other)));
    const passed = answers.filter(({ status }) => status === 200).length;
    const lease = PER_MINUTE / 20;
    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE - 2 * lease);
    expect(passed).toBeLessThanOrEqual(PER_MINUTE + 2 * lease + leaked());
  });

  it('cost a write for a lease, not for a request', async () => {
    await me(one);
    let queries = 0;
    one.database.pool.on('acquire', () => (queries += 1));
    for (let n = 0; n < 10; n += 1) await me(one);
    expect(queries).toBeLessThanOrEqual(6);
  });

  it('cost next to nothing for who is over them', async () => {
    await Promise.all(Array.from({ length: PER_MINUTE + 10 }, () => me(one)));
    await me(one);
    let queries = 0;
    one.database.pool.on('acquire', () => (queries += 1));
    const statuses = new Set<number>();
    const leaked = leaking();
    for (let n = 0; n < 100; n += 1) statuses.add((await me(one)).status);
    const places = leaked() + 1;
    expect(statuses).toContain(429);
    expect(queries).toBeLessThanOrEqual(6 * places + 25);
  });

  it('are each caller’s own, and each kind of route’s', async () => {
    await fill();
    const { access_token: token } = await login(one.url, ADMIN.username, ADMIN.password);
    expect((await me(one, bearer(token))).status).toBe(200);
    const logout = await call(`${one.url}/api/v1/auth/logout`, { method: 'POST', headers: key });
    expect(logout.status).toBe(204);
    expect(fieldsOf(logout)[0]).toBe(PER_MINUTE / 2);
  });

  it('bind who is not signed in by address, and never turn a probe away', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 10 * PER_MINUTE && answers.at(-1)?.status !== 429; n += 1)
      answers.push(await me(one, { 'x-api-key': 'wrong' }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect((await me(one)).status).toBe(200);
  });

  it.each<[string, (probe: ProbeApp) => Promise<Answer>, number]>([
    ['no JSON', ({ url }) => call(`${url}/api/v1/auth/login`, { body: '{' }), 400],
    ['too long', ({ url }) => call(`${url}/api/v1/auth/login`, { body: `"${'x'.repeat(1_100_000)}"` }), 413],
    ['of another type', ({ url }) => call(`${url}/api/v1/auth/login`, { body: 'a', headers: PLAIN }), 415],
    ['to nowhere', ({ url }) => call(`${url}/nowhere`, { body: {} }), 404],
    ['with another method', ({ url }) => call(`${url}/api/v1/auth/me`, { method: 'DELETE' }), 405],
    ['with a query of two minds', ({ url }) => call(`${url}/api/v1/auth/me?a=1&a=2`, { method: 'DELETE' }), 400],
  ])('count requests that come to no route: %s', async (_what, send, status) => {
    const answers: Answer[] = [];
    // Places leak out meanwhile, many where the machine is slow.
    for (let n = 0; n < 10 * PER_MINUTE && answers.at(-1)?.status !== 429; n += 1) answers.push(await send(one));
    expect(answers[0]?.status).toBe(status);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status, 429]));
    const last = answers.at(-1);
    if (last === undefined) throw new Error('Nothing was answered.');
    expectProblem(last, 429, 'RATE_LIMITED');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const answer of answers) expect(fieldsOf(answer)[0]).toBe(PER_MINUTE / 2);
    // Whoever is known there is counted by their name.
    expect((await me(one)).status).toBe(200);
  });

  it('count who reads the documentation by address', async () => {
    const read = (path: string): Promise<Answer> => call(`${one.url}${path}`);
    const paths = ['/docs', '/redoc', '/redoc/redoc.js', '/openapi.json', '/asyncapi.json'];
    for (const path of paths) expect(fieldsOf(await read(path))[0]).toBe(PER_MINUTE);
    const answers: Answer[] = [];
    for (let n = 0; n < 10 * PER_MINUTE && answers.at(-1)?.status !== 429; n += 1) answers.push(await read('/docs'));
    const last = answers.at(-1);
    if (last === undefined) throw new Error('Nothing was answered.');
    expectProblem(last, 429, 'RATE_LIMITED');
    expect((await me(one)).status).toBe(200);
  });

  it('of signing in are lower', async () => {
    const leaked = leaking();
    const statuses: number[] = [];
    for (let n = 0; n < 40 && statuses.at(-1) !== 429; n += 1) {
      const body = { username: `name-${n}`, password: 'a wrong guess' };
      statuses.push((await call(`${one.url}/api/v1/auth/login`, { body })).status);
    }
    // Four a minute at once, and what has leaked out meanwhile.
    const passed = statuses.slice(0, -1);
    expect(passed.length).toBeGreaterThanOrEqual(4);
    expect(passed.length).toBeLessThanOrEqual(4 + Math.ceil(leaked() / 10));
    expect(passed.every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  it('keep no bucket that is empty again', async () => {
    await me(one);
    await one.database.query(`INSERT INTO rate_buckets (key, empty_at) VALUES ('read one of old', now())`);
    const keys = async (): Promise<string[]> =>
      (await one.database.query<{ key: string }>('SELECT key FROM rate_buckets')).map(({ key: name }) => name);
    expect(await keys()).toHaveLength(2);
    await one.app.get(RateLimits)['sweep']();
    expect(await keys()).toEqual([expect.not.stringContaining('of old')]);
  });

  it('are over a minute later also where the clock of the database has gone back', async () => {
    await fill();
    await one.database.query(`UPDATE rate_buckets SET empty_at = empty_at + interval '1 hour'`);
    const [bucket] = await one.database.query<{ key: string }>('SELECT key FROM rate_buckets');
    const full = one.app.get(RateLimits)['fullBucket'](bucket?.key ?? '', { perMinute: PER_MINUTE, lease: 2 });
    expect((await full).filledSeconds).toBe(60);
    const leaked = leaking();
    const answers = await Promise.all(Array.from({ length: PER_MINUTE }, () => me(other)));
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(PER_MINUTE / 20 + leaked());
    const fills = await one.database.query('SELECT FROM rate_buckets WHERE empty_at > now() + $1::interval', ['61 s']);
    expect(fills).toEqual([]);
  });

  it('are over when the bucket has leaked', async () => {
    const refused = await fill();
    await one.database.query(`UPDATE rate_buckets SET empty_at = empty_at - interval '30 seconds'`);
    expect((await me(other)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, Number(refused.headers.get('retry-after')) * 1000));
    expect((await me(one)).status).toBe(200);
  });
});
