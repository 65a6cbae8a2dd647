import { JwtService } from '@nestjs/jwt';
import { ROLES, type Role } from '../../src/auth/roles.js';
import type { CreatedApiKey } from '../../src/auth/dto/api-key.dto.js';
import { addressOf, type ApiDocument, exampleOf, bodySchemaOf, type Route, routesOf } from '../docs/operations.js';
import { type Answer, bearer, call, expectProblemShape } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';

const DEPLOYMENT_KEY = 'the-key-that-this-deployment-has-fixed';

/** Routes whose role does not follow from the rule "GET: viewer, else operator". Whoever adds one adds it here. */
const DIFFERENT: Readonly<Record<string, Role | 'none'>> = {
  'GET /': 'none',
  'GET /health': 'none',
  'GET /livez': 'none',
  'GET /readyz': 'none',
  'POST /api/v1/auth/login': 'none',
  'POST /api/v1/auth/refresh': 'none',
  'POST /api/v1/auth/logout': 'viewer',
  'POST /api/v1/auth/password': 'viewer',
  'GET /api/v1/auth/users': 'admin',
  'POST /api/v1/auth/users': 'admin',
  'PATCH /api/v1/auth/users/{id}': 'admin',
  'DELETE /api/v1/auth/users/{id}': 'admin',
  'GET /api/v1/auth/api-keys': 'admin',
  'POST /api/v1/auth/api-keys': 'admin',
  'DELETE /api/v1/auth/api-keys/{id}': 'admin',
  'PUT /api/v1/system/config/{key}': 'admin',
  'DELETE /api/v1/system/config/{key}': 'admin',
  'POST /api/v1/llm/prompt-templates': 'admin',
  'PUT /api/v1/llm/prompt-templates/{id}': 'admin',
  'DELETE /api/v1/llm/prompt-templates/{id}': 'admin',
  'POST /api/v1/llm/prompt-templates/{id}/activate': 'admin',
  'PATCH /api/v1/llm/budgets/{id}': 'admin',
  'POST /api/v1/llm/reservations/{interaction_id}/release': 'admin',
};

interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: not known to NYX. */
  readonly role?: Role;
}

let running: TestApp;
let routes: Route[];
let document: ApiDocument;
let callers: Caller[];

beforeAll(async () => {
  running = await startApp({ deploymentApiKey: { key: DEPLOYMENT_KEY, role: 'operator' } });
  document = (await call<ApiDocument>(`${running.url}/openapi.json`)).body;
  routes = routesOf(document);
  callers = [...strangers(await running.token('viewer')), ...(await members())];
});
afterAll(() => running.close());

function strangers(token: string): Caller[] {
  const jwt = new JwtService();
  const { sub, sid, ver } = jwt.decode<Record<string, unknown>>(token);
  const options = { algorithm: 'HS256', issuer: 'nyx', audience: 'nyx-api' } as const;
  const secret = running.config.jwtSecret;
  return [
    { name: 'nobody', headers: {} },
    { name: 'a garbage token', headers: bearer('a.b.c') },
    { name: 'garbage', headers: bearer('garbage') },
    { name: 'a garbage key', headers: { 'x-api-key': `nyx_${'a'.repeat(43)}` } },
    { name: 'an expired token', headers: bearer(jwt.sign({ sub, sid, ver }, { ...options, secret, expiresIn: -1 })) },
    { name: 'a foreign token', headers: bearer(jwt.sign({ sub, sid, ver }, { ...options, secret: 'x'.repeat(40) })) },
    { name: 'a cookie', headers: { cookie: `access_token=${token}` } },
  ];
}

async function members(): Promise<Caller[]> {
  const admin = bearer(await running.token('admin'));
  const known: Caller[] = [{ name: 'the deployment key', headers: { 'x-api-key': DEPLOYMENT_KEY }, role: 'operator' }];
  for (const role of ROLES) {
    const body = { name: `key of a ${role}`, role };
    const { key } = (await call<CreatedApiKey>(`${running.url}/api/v1/auth/api-keys`, { headers: admin, body })).body;
    known.push({ name: `a ${role}`, headers: bearer(await running.token(role)), role });
    known.push({ name: `a key of a ${role}`, headers: { 'x-api-key': key }, role });
  }
  return known;
}

/** Asks for a content type that nothing answers: whoever passes the guard gets 406, and nothing is done. */
function knock(route: Route, { headers }: Caller): Promise<Answer> {
  const schema = bodySchemaOf(document, route);
  return call(`${running.url}${addressOf(route)}`, {
    method: route.method,
    headers: { ...headers, accept: 'application/x-nothing-answers-this' },
    body: schema && exampleOf(document, schema),
  });
}

function expectedStatus({ operation }: Route, { role }: Caller): number {
  const required = operation['x-required-role'];
  if (required === 'none') return 406;
  if (role === undefined) return 401;
  return ROLES.indexOf(role) >= ROLES.indexOf(required) ? 406 : 403;
}

it('every route lets in exactly whom it says', async () => {
  const wrong: string[] = [];
  for (const route of routes) {
    for (const caller of callers) {
      const answer = await knock(route, caller);
      const expected = expectedStatus(route, caller);
      if (answer.status !== expected) wrong.push(`${route.name} as ${caller.name}: ${answer.status}, not ${expected}`);
      else expectProblemShape(answer);
    }
  }
  expect(wrong).toEqual([]);
}, 60_000);

it('every route says the role that the contract gives it', () => {
  const roles = routes.map(({ name, method, operation }) => ({
    name,
    says: operation['x-required-role'],
    contract: DIFFERENT[name] ?? (method === 'GET' ? 'viewer' : 'operator'),
  }));
  expect(roles.filter(({ says, contract }) => says !== contract)).toEqual([]);
});

it('the security of every route is what its role says', () => {
  for (const { operation } of routes) {
    const isOpen = operation['x-required-role'] === 'none';
    expect(operation.security).toEqual(isOpen ? [] : [{ bearer: [] }, { apiKey: [] }]);
  }
});

it.each(['/docs', '/redoc', '/openapi.json'])('%s is open to all', async (path) => {
  expect((await call(`${running.url}${path}`)).status).toBe(200);
});
