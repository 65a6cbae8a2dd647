import { JwtService } from '@nestjs/jwt';
import { hashOf } from '../../src/auth/tokens.js';
import { ROLES, type Role } from '../../src/auth/roles.js';
import { Database } from '../../src/database/database.service.js';
import { OidcProviderServer } from '../auth/oidc-provider-server.js';
import { startApp, type TestApp } from '../support/app.js';
import { connect, connected, disconnectAll, refusalOf } from './live-client.js';

const DEPLOYMENT_KEY = 'the key of the deployment of this test';
/** With the least role to connect, alone and with ISOLATE_PRINCIPALS. */
const NAMESPACES: readonly [string, Role, Role][] = [
  ['/ws/workflows', 'viewer', 'viewer'],
  ['/ws/system/status', 'viewer', 'viewer'],
  ['/ws/motivation', 'viewer', 'admin'],
];

interface Caller {
  readonly name: string;
  readonly auth: Record<string, unknown>;
  /** Undefined: nobody. */
  readonly role?: Role;
  /** What somebody without a role of ours hears. */
  readonly refusedWith?: string;
}

const provider = new OidcProviderServer();
beforeAll(() => provider.start());
afterEach(disconnectAll);
afterAll(() => provider.stop());

async function strangers(nyx: TestApp): Promise<Caller[]> {
  const jwt = new JwtService();
  const token = await nyx.token('admin');
  const { sub, sid, ver } = jwt.decode<Record<string, unknown>>(token);
  const options = { algorithm: 'HS256', issuer: 'nyx', audience: 'nyx-api' } as const;
  const own = { ...options, secret: nyx.config.jwtSecret };
  const sign = (other: object): string => jwt.sign({ sub, sid, ver }, { ...own, ...other });
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  return [
    { name: 'nobody', auth: {} },
    { name: 'a garbage token', auth: { token: 'a.b.c' } },
    { name: 'an expired token of an admin', auth: { token: sign({ expiresIn: -1 }) } },
    { name: 'a token of a wrong key', auth: { token: sign({ secret: 'x'.repeat(64) }) } },
    { name: 'an unsigned token', auth: { token: `${unsigned}.${token.split('.')[1] ?? ''}.` } },
    { name: 'a token under another name', auth: { access_token: token, Authorization: `Bearer ${token}` } },
    { name: 'an API key that nobody has', auth: { apiKey: `nyx_${'a'.repeat(43)}` } },
    { name: 'a token of the provider that expired', auth: { token: await provider.sign({ exp: 1_000_000_000 }) } },
    { name: 'a token of the provider for others', auth: { token: await provider.sign({ aud: 'others' }) } },
    {
      name: 'somebody of the provider without a role',
      auth: { token: await provider.sign({ roles: [] }) },
      refusedWith: 'FORBIDDEN',
    },
  ];
}

async function keyOf(nyx: TestApp, role: Role): Promise<string> {
  const answer = await nyx.request('admin', 'POST', '/api/v1/auth/api-keys', { name: `of a ${role}`, role });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { key: string }).key;
}

async function formerMembers(nyx: TestApp): Promise<Caller[]> {
  const expired = await keyOf(nyx, 'admin');
  await nyx.app
    .get(Database)
    .query(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_hash = $1`, [hashOf(expired)]);
  return [{ name: 'an API key of an admin that expired', auth: { apiKey: expired } }];
}

async function members(nyx: TestApp): Promise<Caller[]> {
  const known: Caller[] = [{ name: 'the deployment key', auth: { apiKey: DEPLOYMENT_KEY }, role: 'operator' }];
  for (const role of ROLES) {
    known.push(
      { name: role, auth: { token: await nyx.token(role) }, role },
      { name: `an API key of a ${role}`, auth: { apiKey: await keyOf(nyx, role) }, role },
      { name: `a ${role} of the provider`, auth: { token: await provider.sign({ roles: [role] }) }, role },
    );
  }
  return known;
}

/** What they hear: `connected`, or the code of the refusal. */
const knock = async (nyx: TestApp, namespace: string, { auth }: Caller): Promise<string> => {
  const socket = connect(nyx.url, namespace, auth);
  return await connected(socket).then(
    () => 'connected',
    (refused: unknown) => (refused as { data?: { error_code: string } }).data?.error_code ?? String(refused),
  );
};

const expected = ({ role, refusedWith }: Caller, required: Role): string => {
  if (role === undefined) return refusedWith ?? 'UNAUTHENTICATED';
  return ROLES.indexOf(role) >= ROLES.indexOf(required) ? 'connected' : 'FORBIDDEN';
};

it.each([false, true])(
  'every namespace × every kind of caller is as on routes, with ISOLATE_PRINCIPALS %s',
  async (isolatePrincipals) => {
    const nyx = await startApp({
      isolatePrincipals,
      deploymentApiKey: { key: DEPLOYMENT_KEY, role: 'operator' },
      oidc: { issuer: provider.issuer, audience: 'nyx', rolesClaim: 'roles' },
    });
    try {
      const callers = [...(await strangers(nyx)), ...(await formerMembers(nyx)), ...(await members(nyx))];
      for (const [namespace, alone, isolated] of NAMESPACES) {
        const required = isolatePrincipals ? isolated : alone;
        for (const caller of callers) {
          const at = { namespace, caller: caller.name };
          expect({ ...at, hears: await knock(nyx, namespace, caller) }).toEqual({
            ...at,
            hears: expected(caller, required),
          });
        }
      }
    } finally {
      disconnectAll();
      await nyx.close();
    }
  },
  180_000,
);

it('while the provider is away its users are told that, and those of NYX come in', async () => {
  const away = new OidcProviderServer();
  await away.start();
  const nyx = await startApp({ oidc: { issuer: away.issuer, audience: 'nyx', rolesClaim: 'roles' } });
  try {
    away.isAway = true;
    const token = await away.sign({});
    expect(await refusalOf(connect(nyx.url, '/ws/workflows', { token }))).toMatchObject({
      error_code: 'IDENTITY_PROVIDER_UNAVAILABLE',
    });
    await connected(connect(nyx.url, '/ws/workflows', { token: await nyx.token('viewer') }));
    away.isAway = false;
    await connected(connect(nyx.url, '/ws/workflows', { token }));
  } finally {
    disconnectAll();
    await nyx.close();
    await away.stop();
  }
}, 180_000);
