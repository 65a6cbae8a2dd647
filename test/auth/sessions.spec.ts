import { JwtService } from '@nestjs/jwt';
import { ACCESS_CHANNEL } from '../../src/auth/sessions.service.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { type Answer, bearer, call, expectProblem, login, type Tokens } from '../http/client.js';
import { ADMIN, DEPLOYMENT_KEY, startProbe, type ProbeApp } from '../http/probe-app.js';

const jwt = new JwtService();
let probe: ProbeApp;
let tokens: Tokens;
const at = (path: string): string => `${probe.url}/api/v1/auth/${path}`;
const me = (headers: Record<string, string>): Promise<Answer> => call(at('me'), { headers });

beforeAll(async () => {
  probe = await startProbe();
});
afterAll(() => probe.close());
beforeEach(async () => {
  tokens = await login(probe.url, ADMIN.username, ADMIN.password);
});

describe('signing in', () => {
  it('answers as the contract has it', async () => {
    const answer = await call(at('login'), { body: ADMIN });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.any(String) as string,
      role: 'admin',
    });
    const { header, payload } = jwt.decode<{ header: { alg: string }; payload: object }>(tokens.access_token, {
      complete: true,
    });
    expect(header.alg).toBe('HS256');
    expect(payload).toMatchObject({ iss: 'nyx', aud: 'nyx-api' });
  });

  it('a wrong password and an unknown name look alike', async () => {
    const answers = [
      await call(at('login'), { body: { ...ADMIN, password: 'wrong' } }),
      await call(at('login'), { body: { ...ADMIN, username: 'nobody' } }),
    ].map((answer) => expectProblem(answer, 401, 'UNAUTHENTICATED').detail);
    expect(new Set(answers).size).toBe(1);
  });

  it('an unknown name takes as long as a wrong password', async () => {
    const timed = async (username: string): Promise<number> => {
      const startedAt = performance.now();
      await call(at('login'), { body: { username, password: 'wrong' } });
      return performance.now() - startedAt;
    };
    const [ofKnown, ofUnknown]: [number[], number[]] = [[], []];
    // By turns, so that what else the machine does is in both.
    for (let round = 0; round < 7; round += 1) {
      ofKnown.push(await timed(ADMIN.username));
      ofUnknown.push(await timed('nobody'));
    }
    const median = (times: number[]): number => times.sort((a, b) => a - b)[3] ?? 0;
    const [known, unknown] = [median(ofKnown), median(ofUnknown)];
    expect(unknown).toBeGreaterThan(known / 3);
    expect(known).toBeGreaterThan(unknown / 3);
  });

  it.each([
    {},
    { username: 'admin' },
    { username: 'admin', password: '' },
    { username: 1, password: 'x' },
    { username: { $ne: null }, password: { $ne: null } },
    { ...ADMIN, role: 'admin' },
    { ...ADMIN, password: 'x'.repeat(201) },
  ])('refuses %j', async (body) => {
    expectProblem(await call(at('login'), { body }), 400, 'VALIDATION_ERROR');
  });
});

describe('refreshing', () => {
  const refresh = (refresh_token: string): Promise<Answer<Tokens>> => call(at('refresh'), { body: { refresh_token } });

  it('gives new tokens', async () => {
    const next = await refresh(tokens.refresh_token);
    expect(next.status).toBe(200);
    expect(next.body.refresh_token).not.toBe(tokens.refresh_token);
    expect((await me(bearer(next.body.access_token))).status).toBe(200);
  });

  it('with a token that was used ends the whole session', async () => {
    const next = await refresh(tokens.refresh_token);
    expectProblem(await refresh(tokens.refresh_token), 401, 'UNAUTHENTICATED');
    expectProblem(await refresh(next.body.refresh_token), 401, 'UNAUTHENTICATED');
    expectProblem(await me(bearer(next.body.access_token)), 401, 'UNAUTHENTICATED');
  });

  it('at once with one token succeeds once at most', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(tokens.refresh_token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is on record with whose it was, and so is the end of a session whose token came twice', async () => {
    await refresh(tokens.refresh_token);
    await refresh(tokens.refresh_token);
    const entries = await probe.database.query(
      `SELECT action, outcome, status, actor_name FROM audit_log WHERE action IN ('refreshTokens', 'endReusedSession') AND outcome = 'done' ORDER BY seq DESC LIMIT 2`,
    );
    expect(entries).toEqual([
      { action: 'endReusedSession', outcome: 'done', status: null, actor_name: 'admin' },
      { action: 'refreshTokens', outcome: 'done', status: 200, actor_name: 'admin' },
    ]);
  });

  /** Notifications come in order: what was told before has been heard then. */
  const untilHeard = async (item: string): Promise<void> => {
    const heard = new Promise<void>((resolve) =>
      probe.app.get(Notifications).on(ACCESS_CHANNEL, (told) => told === item && resolve()),
    );
    await probe.database.query('SELECT pg_notify($1, $2)', [ACCESS_CHANNEL, item]);
    await heard;
  };

  it('with a token of nobody makes no replica forget whom it knows', async () => {
    await untilHeard('what was told before');
    await me(bearer(tokens.access_token));
    expectProblem(await refresh(`nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_${'a'.repeat(43)}`), 401, 'UNAUTHENTICATED');
    let queries = 0;
    const count = (): number => (queries += 1);
    probe.database.pool.on('acquire', count);
    expect((await me(bearer(tokens.access_token))).status).toBe(200);
    probe.database.pool.off('acquire', count);
    expect(queries).toBe(0);
  });

  it('ends with the session', async () => {
    await probe.database.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`);
    expectProblem(await refresh(tokens.refresh_token), 401, 'UNAUTHENTICATED');
  });

  it.each(['x', 'nyxr_', `nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_${'a'.repeat(43)}`, "'; --"])(
    'with %j is refused',
    async (token) => {
      expectProblem(await refresh(token), 401, 'UNAUTHENTICATED');
    },
  );

  it('tokens are not stored', async () => {
    const rows = await probe.database.query<object>('SELECT * FROM sessions');
    expect(JSON.stringify(rows)).not.toContain(tokens.refresh_token.slice(-43));
  });
});

describe('leaving', () => {
  it('ends this session and no other', async () => {
    const other = await login(probe.url, ADMIN.username, ADMIN.password);
    expect((await call(at('logout'), { method: 'POST', headers: bearer(tokens.access_token) })).status).toBe(204);
    expectProblem(await me(bearer(tokens.access_token)), 401, 'UNAUTHENTICATED');
    expectProblem(await call(at('refresh'), { body: { refresh_token: tokens.refresh_token } }), 401, 'UNAUTHENTICATED');
    expect((await me(bearer(other.access_token))).status).toBe(200);
  });

  it('means nothing for an API key', async () => {
    const headers = { 'x-api-key': DEPLOYMENT_KEY };
    expect((await call(at('logout'), { method: 'POST', headers })).status).toBe(204);
    expect((await me(headers)).status).toBe(200);
  });
});
