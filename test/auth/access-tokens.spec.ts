import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { JwtService, type JwtSignOptions } from '@nestjs/jwt';
import { keyIdOf } from '../../src/auth/tokens.js';
import { type Answer, bearer, call, expectProblem, login, type Tokens } from '../http/client.js';
import { until } from '../support/until.js';
import { ADMIN, DEPLOYMENT_KEY, JWT_SECRET, PREVIOUS_SECRET, startProbe, type ProbeApp } from '../http/probe-app.js';

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

describe('access tokens', () => {
  it('tell who one is', async () => {
    expect((await me(bearer(tokens.access_token))).body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      username: 'admin',
      role: 'admin',
      kind: 'user',
    });
  });

  const claims = (): Record<string, unknown> => {
    const { sub, sid, ver } = jwt.decode<Record<string, unknown>>(tokens.access_token);
    return { sub, sid, ver };
  };
  const signed = (options: JwtSignOptions, key = JWT_SECRET, payload = claims()): string =>
    jwt.sign(payload, {
      secret: key,
      algorithm: 'HS256',
      issuer: 'nyx',
      audience: 'nyx-api',
      expiresIn: 60,
      keyid: keyIdOf(key),
      ...options,
    });
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  const endless = (): string => {
    const body = { ...claims(), iss: 'nyx', aud: 'nyx-api' };
    return jwt.sign(body, { secret: JWT_SECRET, algorithm: 'HS256', keyid: keyIdOf(JWT_SECRET) });
  };
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const body = (): string => part({ ...claims(), iss: 'nyx', aud: 'nyx-api', iat: 1_700_000_000, exp: 4_000_000_000 });
  const asymmetric = (header: object): string => {
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: keyIdOf(JWT_SECRET), ...header })}.${body()}`;
    return `${text}.${sign('sha256', Buffer.from(text), own.privateKey).toString('base64url')}`;
  };
  /** Signed with the real key, so that nothing but the header is wrong. */
  const byHand = (header: object): string => {
    const text = `${part(header)}.${body()}`;
    return `${text}.${createHmac('sha256', JWT_SECRET).update(text).digest('base64url')}`;
  };

  it('made by hand pass, so that their refusals mean something', async () => {
    expect((await me(bearer(byHand({ alg: 'HS256', kid: keyIdOf(JWT_SECRET) })))).status).toBe(200);
  });

  it('of our own making pass, so that the refusals below mean something', async () => {
    expect((await me(bearer(signed({})))).status).toBe(200);
  });

  it('of the key before pass until they expire, so that a rotation signs nobody out', async () => {
    expect((await me(bearer(signed({}, PREVIOUS_SECRET)))).status).toBe(200);
    expect(jwt.decode<{ header: { kid: string } }>(tokens.access_token, { complete: true }).header.kid).toBe(
      keyIdOf(JWT_SECRET),
    );
  });

  it('are refused once expired, also while they are remembered, and with another signature at once', async () => {
    const token = signed({ expiresIn: 4 });
    expect((await me(bearer(token))).status).toBe(200);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const other = [header, payload, signature.split('').reverse().join('')].join('.');
    expectProblem(await me(bearer(other)), 401, 'UNAUTHENTICATED');
    await until('it has expired', async () => (await me(bearer(token))).status !== 200);
    expectProblem(await me(bearer(token)), 401, 'UNAUTHENTICATED');
  });

  it.each<[string, () => string]>([
    ['that name no key', () => jwt.sign(claims(), { secret: JWT_SECRET, issuer: 'nyx', audience: 'nyx-api' })],
    ['that name the other key', () => signed({ keyid: keyIdOf(PREVIOUS_SECRET) })],
    ...['', '../../dev/null', "' OR 1=1 --", '__proto__', 'constructor', 'x'.repeat(9_000)].map(
      (keyid): [string, () => string] => [`whose key is ${keyid.slice(0, 20)}`, () => signed({ keyid })],
    ),
    ['expired', () => signed({ expiresIn: -1 })],
    ['not valid yet', () => signed({ notBefore: 60 })],
    ['of the future', () => signed({}, JWT_SECRET, { ...claims(), iat: Math.floor(Date.now() / 1000) + 3_600 })],
    ['that never end', () => endless()],
    ['of another issuer', () => signed({ issuer: 'other' })],
    ['for another audience', () => signed({ audience: 'other' })],
    ['of another algorithm', () => signed({ algorithm: 'HS512' })],
    ['of another key', () => signed({}, 'another secret that is long enough for it')],
    ['without a session', () => signed({}, JWT_SECRET, { sub: claims().sub, ver: 0 })],
    ['of another session', () => signed({}, JWT_SECRET, { ...claims(), sid: '019ab0c4-5d6e-7f80-9123-456789abcdef' })],
    ['of another version', () => signed({}, JWT_SECRET, { ...claims(), ver: 1 })],
    ['with claims of other types', () => signed({}, JWT_SECRET, { ...claims(), sid: ['x'], ver: { a: 1 } })],
    ['with a session that is no id', () => signed({}, JWT_SECRET, { ...claims(), sid: "' OR true --" })],
    ['alg none', () => `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims(), iss: 'nyx', aud: 'nyx-api' })}.`],
    [
      'signed with the empty key',
      () => {
        const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims(), iss: 'nyx', aud: 'nyx-api' })}`;
        return `${body}.${createHmac('sha256', '').update(body).digest('base64url')}`;
      },
    ],
    ['signed by a key of two parts', () => asymmetric({})],
    [
      'that bring their own key',
      () => asymmetric({ jwk: own.publicKey.export({ format: 'jwk' }), jku: 'http://127.0.0.1:1' }),
    ],
    ['whose algorithm is written otherwise', () => byHand({ alg: 'hs256', kid: keyIdOf(JWT_SECRET) })],
    ['whose algorithms are many', () => byHand({ alg: ['HS256'], kid: keyIdOf(JWT_SECRET) })],
    ['whose key is a list', () => byHand({ alg: 'HS256', kid: [keyIdOf(JWT_SECRET)] })],
    ['without an algorithm', () => byHand({ kid: keyIdOf(JWT_SECRET) })],
    ['huge', () => signed({}, JWT_SECRET, { ...claims(), more: 'x'.repeat(9_000) }).slice(0, -8) + 'AAAAAAAA'],
    ['of five parts', () => `${tokens.access_token}.a.b`],
    ['of two parts', () => tokens.access_token.slice(0, tokens.access_token.lastIndexOf('.'))],
    ['without a signature', () => tokens.access_token.slice(0, tokens.access_token.lastIndexOf('.') + 1)],
    ['changed', () => tokens.access_token.slice(0, -4) + 'AAAA'],
    ['cut', () => tokens.access_token.slice(0, 40)],
    ['a refresh token', () => tokens.refresh_token],
    ['empty', () => ''],
  ])('%s are refused', async (_what, token) => {
    expectProblem(await me(bearer(token())), 401, 'UNAUTHENTICATED');
  });

  it.each(['Basic YWRtaW46YWRtaW4=', 'Bearer', 'bearer  ', 'Bearer a b', 'Token x'])(
    '%j is refused',
    async (authorization) => {
      expectProblem(await me({ authorization }), 401, 'UNAUTHENTICATED');
      expectProblem(await me({ authorization, 'x-api-key': DEPLOYMENT_KEY }), 401, 'UNAUTHENTICATED');
    },
  );

  it('cost no query a request', async () => {
    await me(bearer(tokens.access_token));
    const began = performance.now();
    let queries = 0;
    const count = (): number => (queries += 1);
    probe.database.pool.on('acquire', count);
    for (let round = 0; round < 20; round += 1) expect((await me(bearer(tokens.access_token))).status).toBe(200);
    probe.database.pool.off('acquire', count);
    // What is known of a session is read again every 30 seconds, however long these requests take.
    expect(queries).toBeLessThanOrEqual(1 + (performance.now() - began) / 30_000);
  });
});
