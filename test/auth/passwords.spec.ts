import { type Answer, bearer, call, expectProblem, login, type Tokens } from '../http/client.js';
import { ADMIN, DEPLOYMENT_KEY, startProbe, type ProbeApp } from '../http/probe-app.js';

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

describe('guessing passwords', () => {
  const guess = (username: string): Promise<Answer> =>
    call(at('login'), { body: { username, password: 'a wrong guess' } });
  /** How long somebody is kept out is not what is tested: it outlasts the test. */
  const keepOut = (): Promise<unknown> =>
    probe.database.query(
      `UPDATE login_failures SET blocked_until = now() + interval '1 minute' WHERE blocked_until > now()`,
    );
  const guessUntilRefused = async (username: string): Promise<{ tries: number; answer: Answer }> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await guess(username);
      if (answer.status !== 401 || tries > 60) return { tries, answer };
      await keepOut();
    }
  };
  afterEach(() => probe.database.query('DELETE FROM login_failures'));

  it('is slowed down alike for names that exist and names that do not', async () => {
    for (const username of ['admin', 'nobody-of-that-name']) {
      const { tries, answer } = await guessUntilRefused(username);
      expectProblem(answer, 429, 'RATE_LIMITED');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(tries).toBe(11);
    }
  });

  it('keeps out who knows the password too, until the pause is over, and forgets when it was right', async () => {
    await guessUntilRefused('admin');
    expectProblem(await call(at('login'), { body: ADMIN }), 429, 'RATE_LIMITED');
    await probe.database.query(`UPDATE login_failures SET blocked_until = now() - interval '1 second'`);
    await login(probe.url, ADMIN.username, ADMIN.password);
    expect(
      await probe.database.query(`SELECT key FROM login_failures WHERE kind = 'account' AND failures > 0`),
    ).toEqual([]);
  });

  it('leaves sessions that are there alone, and other accounts', async () => {
    await guessUntilRefused('somebody-else');
    expect((await me(bearer(tokens.access_token))).status).toBe(200);
    await login(probe.url, ADMIN.username, ADMIN.password);
  });

  it('over many names is slowed down by address', async () => {
    await probe.database.query(
      `INSERT INTO login_failures (kind, key, failures, last_at, blocked_until) VALUES ('address', '127.0.0.1', 49, now(), now())`,
    );
    expectProblem(await guess('name-1'), 401, 'UNAUTHENTICATED');
    await keepOut();
    expectProblem(await guess('name-2'), 429, 'RATE_LIMITED');
  });

  it('many at once passes the limit by no more than a replica checks at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess('admin')));
    const wrong = answers.filter(({ status }) => status === 401).length;
    expect(wrong).toBeGreaterThanOrEqual(10);
    expect(wrong).toBeLessThanOrEqual(10 + 3);
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
  });

  it('keeps no names', async () => {
    await guess('a-name-to-look-for');
    const rows = await probe.database.query<object>('SELECT kind, key FROM login_failures');
    expect(JSON.stringify(rows)).not.toContain('a-name-to-look-for');
  });
});

describe('a password that is reset while somebody', () => {
  /** Holds the row of the admin, as a reset that is about to commit does, until `asking` waits for it. */
  const resetDuring = async (asking: () => Promise<Answer>): Promise<Answer> => {
    let answer: Promise<Answer> | undefined;
    await probe.database.transaction(async (tx) => {
      await tx.query(`UPDATE users SET password_hash = 'reset', token_version = token_version + 1`);
      await tx.query('DELETE FROM sessions WHERE user_id IN (SELECT id FROM users)');
      answer = asking();
      for (;;) {
        const waiting = await probe.database.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        if (waiting.length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    if (answer === undefined) throw new Error('Nobody asked.');
    return answer;
  };
  let hash: string;
  beforeEach(async () => {
    const [user] = await probe.database.query<{ password_hash: string }>('SELECT password_hash FROM users');
    hash = user?.password_hash ?? '';
  });
  afterEach(() => probe.database.query('UPDATE users SET password_hash = $1, token_version = 0', [hash]));

  it('signs in with the one before: no session is left', async () => {
    expectProblem(await resetDuring(() => call(at('login'), { body: ADMIN })), 401, 'UNAUTHENTICATED');
    expect(await probe.database.query('SELECT id FROM sessions')).toEqual([]);
  });

  it('changes it: the reset stands', async () => {
    const body = { current_password: ADMIN.password, new_password: 'the password of a thief' };
    const headers = bearer(tokens.access_token);
    await me(headers);
    expectProblem(await resetDuring(() => call(at('password'), { headers, body })), 400, 'VALIDATION_ERROR');
    expect(await probe.database.query('SELECT password_hash FROM users')).toEqual([{ password_hash: 'reset' }]);
  });
});

describe('changing the password', () => {
  const change = (headers: Record<string, string>, current_password: string, new_password: string): Promise<Answer> =>
    call(at('password'), { headers, body: { current_password, new_password } });

  it('ends the other sessions and keeps this one', async () => {
    const other = await login(probe.url, ADMIN.username, ADMIN.password);
    expect((await change(bearer(tokens.access_token), ADMIN.password, 'another password')).status).toBe(204);
    expect((await me(bearer(tokens.access_token))).status).toBe(200);
    expectProblem(await me(bearer(other.access_token)), 401, 'UNAUTHENTICATED');
    expectProblem(await call(at('login'), { body: ADMIN }), 401, 'UNAUTHENTICATED');
    await login(probe.url, ADMIN.username, 'another password');
    expect((await change(bearer(tokens.access_token), 'another password', ADMIN.password)).status).toBe(204);
  });

  it.each(['password1234', 'PasswordPassword', 'qwertyuiop123', 'aaaaaaaaaaaaaaaa', 'admin-admin-1', 'iloveyou!!!!!'])(
    'to %j is refused: it is guessed first',
    async (password) => {
      const answer = await change(bearer(tokens.access_token), ADMIN.password, password);
      expect(expectProblem(answer, 400, 'VALIDATION_ERROR').errors).toMatchObject([{ field: 'new_password' }]);
      await login(probe.url, ADMIN.username, ADMIN.password);
    },
  );

  it('needs the current one, and a new one of 12 characters', async () => {
    const wrong = await change(bearer(tokens.access_token), 'wrong', 'long enough for it');
    expect(expectProblem(wrong, 400, 'VALIDATION_ERROR').errors).toMatchObject([{ field: 'current_password' }]);
    expectProblem(await change(bearer(tokens.access_token), ADMIN.password, 'short'), 400, 'VALIDATION_ERROR');
  });

  it('is nothing for API keys', async () => {
    expectProblem(await change({ 'x-api-key': DEPLOYMENT_KEY }, 'x', 'long enough for it'), 403, 'FORBIDDEN');
  });
});
