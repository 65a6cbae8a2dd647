import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { bearer, call, expectProblem, type Answer } from '../http/client.js';
import { startProbe, testConfig, type ProbeApp } from '../http/probe-app.js';
import { OidcProviderServer } from './oidc-provider-server.js';

const provider = new OidcProviderServer();
let probe: ProbeApp;
const me = (token: string): Promise<Answer> => call(`${probe.url}/api/v1/auth/me`, { headers: bearer(token) });

beforeAll(async () => {
  await provider.start();
  probe = await startProbe([], testConfig({ oidc: { issuer: provider.issuer, audience: 'nyx', rolesClaim: 'roles' } }));
});
afterAll(async () => {
  await probe.close();
  await provider.stop();
});

describe('tokens of an outside OpenID provider', () => {
  it('while it is away are not refused for good: 503, and its own users still come in', async () => {
    provider.isAway = true;
    expectProblem(await me(await provider.sign({})), 503, 'IDENTITY_PROVIDER_UNAVAILABLE');
    provider.isAway = false;
    expect((await me(await provider.sign({}))).status).toBe(200);
  });

  it('sign in with the role of their claim and always the same id', async () => {
    const first = await me(await provider.sign({ preferred_username: 'ada' }));
    expect(first.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      username: 'ada',
      role: 'operator',
      kind: 'user',
    });
    const again = await me(await provider.sign({ roles: 'viewer admin other' }));
    expect(again.body).toEqual({ ...(first.body as object), username: 'user-1', role: 'admin' });
    const other = (await me(await provider.sign({ sub: 'user-2' }))).body as { id: string };
    expect(other.id).not.toBe((first.body as { id: string }).id);
  });

  it('are held to their role', async () => {
    const headers = bearer(await provider.sign({}));
    expectProblem(await call(`${probe.url}/api/v1/auth/users`, { headers }), 403, 'FORBIDDEN');
  });

  it('have no password here', async () => {
    const body = { current_password: 'x', new_password: 'long enough for it' };
    const headers = bearer(await provider.sign({}));
    expectProblem(await call(`${probe.url}/api/v1/auth/password`, { headers, body }), 403, 'FORBIDDEN');
  });

  it.each<[string, JWTPayload]>([
    ['no role', { roles: [] }],
    ['other roles', { roles: ['root', 'Admin '] }],
    ['a role that is no text', { roles: { admin: true } }],
  ])('with %s are 403', async (_what, claims) => {
    expectProblem(await me(await provider.sign(claims)), 403, 'FORBIDDEN');
  });

  it.each<[string, () => Promise<string>]>([
    ['expired', () => provider.sign({ exp: Math.floor(Date.now() / 1000) - 120 })],
    ['not valid yet', () => provider.sign({ nbf: Math.floor(Date.now() / 1000) + 3_600 })],
    [
      'of the future',
      () => provider.sign({ iat: Math.floor(Date.now() / 1000) + 3_600, exp: Math.floor(Date.now() / 1000) + 7_200 }),
    ],
    ['for another audience', () => provider.sign({ aud: 'other' })],
    ['for nobody', () => provider.sign({ aud: undefined })],
    ['of another issuer', () => provider.sign({ iss: `${provider.issuer}/other` })],
    ['without a subject', () => provider.sign({ sub: undefined })],
    ['with an unknown key', () => provider.sign({}, { kid: 'unknown' })],
    ['changed', async () => `${(await provider.sign({})).slice(0, -6)}AAAAAA`],
    [
      'with the published key as the secret',
      async () => {
        const secret = new TextEncoder().encode(await exportSPKI(provider.current.publicKey));
        return new SignJWT({ iss: provider.issuer, aud: 'nyx', sub: 'x', roles: ['admin'] })
          .setProtectedHeader({ alg: 'HS256', kid: 'first' })
          .setExpirationTime('5m')
          .sign(secret);
      },
    ],
    [
      'alg none',
      async () => {
        const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
        const claims = { iss: provider.issuer, aud: 'nyx', sub: 'x', roles: ['admin'], exp: 4_000_000_000 };
        return Promise.resolve(`${part({ alg: 'none' })}.${part(claims)}.`);
      },
    ],
    [
      'that bring their own key',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
        return new SignJWT({ iss: provider.issuer, aud: 'nyx', sub: 'x', roles: ['admin'] })
          .setProtectedHeader({
            alg: 'RS256',
            kid: 'own',
            jwk: await exportJWK(publicKey),
            jku: 'http://127.0.0.1:1/keys',
          })
          .setExpirationTime('5m')
          .sign(privateKey);
      },
    ],
  ])('%s are refused', async (_what, token) => {
    expectProblem(await me(await token()), 401, 'UNAUTHENTICATED');
  });

  it('do not make NYX ask for the keys with every token that names another', async () => {
    const before = provider.asked;
    for (let round = 0; round < 20; round += 1) await me(await provider.sign({}, { kid: `unknown-${round}` }));
    expect(provider.asked - before).toBeLessThanOrEqual(1);
  });
});

it('without a provider tokens of one are nobody', async () => {
  const without = await startProbe();
  try {
    const answer = await call(`${without.url}/api/v1/auth/me`, { headers: bearer(await provider.sign({})) });
    expectProblem(answer, 401, 'UNAUTHENTICATED');
  } finally {
    await without.close();
  }
});

it('keys that the provider adds are found', async () => {
  const fresh = await startProbe(
    [],
    testConfig({ oidc: { issuer: provider.issuer, audience: 'nyx', rolesClaim: 'roles' } }),
  );
  try {
    await provider.rotate('second', 'ES256');
    const answer = await call(`${fresh.url}/api/v1/auth/me`, { headers: bearer(await provider.sign({})) });
    expect(answer.status).toBe(200);
  } finally {
    await fresh.close();
  }
});

describe('a provider that is otherwise than others', () => {
  let other: OidcProviderServer;
  let house: ProbeApp;
  const asked = async (token: string): Promise<Answer> =>
    call(`${house.url}/api/v1/auth/me`, { headers: bearer(token) });
  const oidc = (issuer: string) => testConfig({ oidc: { issuer, audience: 'nyx', rolesClaim: 'roles' } });

  beforeEach(async () => {
    other = new OidcProviderServer();
    await other.start();
  });
  afterEach(async () => {
    await house.close();
    await other.stop();
  });

  it('ends its name in a slash, in its configuration and in its tokens', async () => {
    house = await startProbe([], oidc(other.issuer));
    other.issuer += '/';
    expect((await asked(await other.sign({}))).body).toMatchObject({ username: 'user-1', role: 'operator' });
    expectProblem(await asked(await other.sign({ iss: `${other.issuer}/` })), 401, 'UNAUTHENTICATED');
  });

  it('signs for a list of audiences, and with one key that its tokens do not name', async () => {
    house = await startProbe([], oidc(other.issuer));
    expect((await asked(await other.sign({ aud: ['other', 'nyx'] }, { kid: undefined }))).status).toBe(200);
    expectProblem(await asked(await other.sign({ aud: ['other', 'nyx2'] })), 401, 'UNAUTHENTICATED');
  });

  it('signs tokens that never expire: they are refused', async () => {
    house = await startProbe([], oidc(other.issuer));
    const { id, alg, privateKey } = other.current;
    const claims = { iss: other.issuer, aud: 'nyx', sub: 'x', roles: ['admin'] };
    const token = await new SignJWT(claims).setProtectedHeader({ alg, kid: id }).sign(privateKey);
    expectProblem(await asked(token), 401, 'UNAUTHENTICATED');
  });

  it('answers more than anybody wants to hold in memory: it is away', async () => {
    house = await startProbe([], oidc(other.issuer));
    other.padding = 3 * 1024 * 1024;
    expectProblem(await asked(await other.sign({})), 503, 'IDENTITY_PROVIDER_UNAVAILABLE');
    other.padding = 0;
    expect((await asked(await other.sign({}))).status).toBe(200);
  });
});
