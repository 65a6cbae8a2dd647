import { readFileSync } from 'node:fs';
import { JwtService } from '@nestjs/jwt';
import type { CreatedApiKey } from '../../src/auth/dto/api-key.dto.js';
import type { UserView } from '../../src/auth/dto/user.dto.js';
import { ROLES, type Role } from '../../src/auth/roles.js';
import { Database } from '../../src/database/database.service.js';
import { addressOf, type ApiDocument, type Route, routesOf } from '../docs/operations.js';
import { type Answer, bearer, call, expectProblemShape, login } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';

/** What is committed, and so what clients are made of. */
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;
const routes = routesOf(document);

/** These do something for everyone who may, whatever is sent: whoever may is told by 406 instead, which comes after the guard. */
const ACTS_ON_ANYTHING = new Set(['POST /api/v1/auth/logout']);

const DEPLOYMENT_KEY = 'the-key-that-this-deployment-has-fixed';

interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: nobody. */
  readonly role?: Role;
}

let nyx: TestApp;
let callers: readonly Caller[];

beforeAll(async () => {
  nyx = await startApp({ deploymentApiKey: { key: DEPLOYMENT_KEY, role: 'operator' } });
  const admin = bearer(await nyx.token('admin'));
  callers = [...(await strangers()), ...(await formerMembers(admin)), ...(await members(admin))];
});
afterAll(() => nyx.close());

async function strangers(): Promise<Caller[]> {
  const jwt = new JwtService();
  const token = await nyx.token('admin');
  const { sub, sid, ver } = jwt.decode<Record<string, unknown>>(token);
  const claims = { sub, sid, ver };
  const options = { algorithm: 'HS256', issuer: 'nyx', audience: 'nyx-api' } as const;
  const own = { ...options, secret: nyx.config.jwtSecret };
  const [head = '', payload = '', signature = ''] = token.split('.');
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  return [
    { name: 'nobody', headers: {} },
    { name: 'a garbage token', headers: bearer('a.b.c') },
    { name: 'an expired token of an admin', headers: bearer(jwt.sign(claims, { ...own, expiresIn: -1 })) },
    { name: 'a token of a wrong key', headers: bearer(jwt.sign(claims, { ...options, secret: 'x'.repeat(64) })) },
    { name: 'an unsigned token', headers: bearer(`${unsigned}.${payload}.`) },
    { name: 'a token cut short', headers: bearer(`${head}.${payload}.${signature.slice(0, -4)}`) },
    { name: 'a cookie', headers: { cookie: `access_token=${token}` } },
    { name: 'an API key that nobody has', headers: { 'x-api-key': `nyx_${'a'.repeat(43)}` } },
  ];
}

async function keyOf(admin: Record<string, string>, role: Role): Promise<CreatedApiKey> {
  const body = { name: `of a ${role}`, role };
  return (await call<CreatedApiKey>(`${nyx.url}/api/v1/auth/api-keys`, { headers: admin, body })).body;
}

/** Who were admins once. */
async function formerMembers(admin: Record<string, string>): Promise<Caller[]> {
  const expired = await keyOf(admin, 'admin');
  await nyx.app
    .get(Database)
    .query(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired.id]);
  const revoked = await keyOf(admin, 'admin');
  await call(`${nyx.url}/api/v1/auth/api-keys/${revoked.id}`, { method: 'DELETE', headers: admin });
  const body = { username: 'former', password: 'the former admin of this test', role: 'admin' };
  const user = (await call<UserView>(`${nyx.url}/api/v1/auth/users`, { headers: admin, body })).body;
  const { access_token: token } = await login(nyx.url, body.username, body.password);
  const left = { method: 'PATCH', headers: admin, body: { is_active: false } };
  const deactivated = await call(`${nyx.url}/api/v1/auth/users/${user.id}`, left);
  expect(deactivated.status).toBe(200);
  return [
    { name: 'an API key of an admin that expired', headers: { 'x-api-key': expired.key } },
    { name: 'an API key of an admin that was revoked', headers: { 'x-api-key': revoked.key } },
    { name: 'a deactivated admin', headers: bearer(token) },
  ];
}

async function members(admin: Record<string, string>): Promise<Caller[]> {
  const known: Caller[] = [{ name: 'the deployment key', headers: { 'x-api-key': DEPLOYMENT_KEY }, role: 'operator' }];
  for (const role of ROLES) {
    known.push({ name: role, headers: bearer(await nyx.token(role)), role });
    known.push({ name: `an API key of a ${role}`, headers: { 'x-api-key': (await keyOf(admin, role)).key }, role });
  }
  return known;
}

/**
 * Asks for what is not there, with a body that no route takes: whoever passes the guard hears 400, 404 or the like, and nothing
 * is done. That those who may not hear 401 or 403 says that they are judged before what they send.
 */
function knock(route: Route, { headers }: Caller): Promise<Answer> {
  const hasBody = route.method !== 'GET' && route.operation.requestBody !== undefined;
  return call(
    `${nyx.url}${addressOf(route, { key: 'no_such_setting', type: 'no_such_motivation', path: 'nothing' })}`,
    {
      method: route.method,
      headers: {
        ...headers,
        ...(ACTS_ON_ANYTHING.has(route.name) && { accept: 'application/x-nothing-answers-this' }),
      },
      body: hasBody ? { no_such_member: true } : undefined,
    },
  );
}

function complaintAbout({ name, operation }: Route, caller: Caller, { status }: Answer): string | undefined {
  const required = operation['x-required-role'];
  const at = `${name} as ${caller.name}: ${status}, but it is for ${required}`;
  if (status >= 500) return at;
  if (required === 'none') return status === 403 ? at : undefined;
  if (caller.role === undefined) return status === 401 ? undefined : at;
  const isAllowed = ROLES.indexOf(caller.role) >= ROLES.indexOf(required);
  if (!isAllowed) return status === 403 ? undefined : at;
  return status === 401 || status === 403 ? at : undefined;
}

it('every route × every kind of caller is as the committed OpenAPI declares it, judged before what is sent', async () => {
  const complaints: string[] = [];
  for (const route of routes) {
    const answers = await Promise.all(callers.map(async (caller) => ({ caller, answer: await knock(route, caller) })));
    for (const { caller, answer } of answers) {
      const complaint = complaintAbout(route, caller, answer);
      if (complaint !== undefined) complaints.push(complaint);
      if (answer.status >= 400) expectProblemShape(answer);
    }
  }
  expect(complaints).toEqual([]);
}, 120_000);

it('the committed OpenAPI has the routes and roles that NYX serves', async () => {
  const served = (await call<ApiDocument>(`${nyx.url}/openapi.json`)).body;
  const rolesIn = (described: readonly Route[]): string[] =>
    described.map(({ name, operation }) => `${name} ${operation['x-required-role']}`);
  expect(rolesIn(routes)).toEqual(rolesIn(routesOf(served)));
});

it('lets everyone in at the end whom it let in at the start, and nobody else', async () => {
  for (const { headers, name, role } of callers) {
    const { status } = await call(`${nyx.url}/api/v1/auth/me`, { headers });
    expect({ name, status }).toEqual({ name, status: role === undefined ? 401 : 200 });
  }
});
