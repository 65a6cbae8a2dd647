import { type Answer, call, expectProblem } from '../http/client.js';
import { ADMIN, startProbe, testConfig, type ProbeApp } from '../http/probe-app.js';

let probe: ProbeApp;
const signIn = (address: string, password = ADMIN.password, username = ADMIN.username): Promise<Answer> =>
  call(`${probe.url}/api/v1/auth/login`, { headers: { 'x-forwarded-for': address }, body: { username, password } });

/** How long somebody is kept out is not what is tested: it outlasts the test. */
const keepOut = (): Promise<unknown> =>
  probe.database.query(
    `UPDATE login_failures SET blocked_until = now() + interval '1 minute' WHERE blocked_until > now()`,
  );

/** More than accounts are let guess, each guess from a network of its own. */
async function attack(...usernames: readonly string[]): Promise<void> {
  for (let n = 0; n < 12; n += 1) {
    for (const username of usernames) await signIn(`203.0.113.${n}`, 'a wrong guess', username);
    await keepOut();
  }
}

beforeEach(async () => {
  const names = { host: 'HOST', port: 'PORT' };
  const http = { host: '127.0.0.1', port: 0, names, corsOrigins: [], trustedProxies: ['127.0.0.1'] };
  probe = await startProbe([], testConfig({ http }));
});
afterEach(() => probe.close());

describe('who guesses the password of somebody', () => {
  it('is kept out, and so is everybody else where that account never signed in', async () => {
    await attack(ADMIN.username);
    expectProblem(await signIn('198.51.100.7'), 429, 'RATE_LIMITED');
  });

  it('does not keep out whose account it is, from where they signed in before', async () => {
    expect((await signIn('198.51.100.7')).status).toBe(200);
    await attack(ADMIN.username);
    expect((await signIn('198.51.100.7')).status).toBe(200);
    expectProblem(await signIn('203.0.113.200'), 429, 'RATE_LIMITED');
  });

  it('from where its owner signed in before has no more guesses than elsewhere', async () => {
    await signIn('198.51.100.7');
    const answers: Answer[] = [];
    for (let n = 0; n < 11; n += 1) {
      answers.push(await signIn('198.51.100.7', 'a wrong guess'));
      await keepOut();
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  });

  it('sees nothing of whether the account exists', async () => {
    await signIn('198.51.100.7');
    await attack(ADMIN.username, 'nobody-of-that-name');
    const [known, unknown] = [
      await signIn('203.0.113.200', 'a wrong guess'),
      await signIn('203.0.113.200', 'a wrong guess', 'nobody-of-that-name'),
    ];
    expect([known.status, unknown.status]).toEqual([429, 429]);
    expect(expectProblem(known, 429, 'RATE_LIMITED').detail).toBe(expectProblem(unknown, 429, 'RATE_LIMITED').detail);
  });

  it('cannot say of another address to be at it without a proxy that is trusted', async () => {
    await probe.close();
    probe = await startProbe();
    await attack('somebody');
    const rows = await probe.database.query(`SELECT key FROM login_failures WHERE kind = 'address'`);
    expect(rows).toEqual([{ key: '127.0.0.1' }]);
  });
});
