import type { Role } from '../../src/auth/roles.js';
import { type ApiDocument, type Route, routesOf } from '../docs/operations.js';
import { call } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';

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
  'GET /api/v1/auth/audit': 'admin',
  'GET /api/v1/auth/users': 'admin',
  'POST /api/v1/auth/users': 'admin',
  'PATCH /api/v1/auth/users/{id}': 'admin',
  'DELETE /api/v1/auth/users/{id}': 'admin',
  'POST /api/v1/auth/users/{id}/erase': 'admin',
  'GET /api/v1/auth/api-keys': 'admin',
  'POST /api/v1/auth/api-keys': 'admin',
  'DELETE /api/v1/auth/api-keys/{id}': 'admin',
  'DELETE /api/v1/orchestrator/workflows/{id}': 'admin',
  'PUT /api/v1/motivational/engine/config': 'admin',
  'PUT /api/v1/system/config/{key}': 'admin',
  'DELETE /api/v1/system/config/{key}': 'admin',
  'GET /api/v1/system/webhooks': 'admin',
  'POST /api/v1/system/webhooks': 'admin',
  'GET /api/v1/system/webhooks/{id}': 'admin',
  'PATCH /api/v1/system/webhooks/{id}': 'admin',
  'DELETE /api/v1/system/webhooks/{id}': 'admin',
  'GET /api/v1/system/webhooks/{id}/deliveries': 'admin',
  'POST /api/v1/system/webhooks/{id}/redeliver': 'admin',
  'POST /api/v1/system/webhooks/{id}/deliveries/{delivery_id}/redeliver': 'admin',
  'POST /api/v1/llm/prompt-templates': 'admin',
  'PUT /api/v1/llm/prompt-templates/{id}': 'admin',
  'DELETE /api/v1/llm/prompt-templates/{id}': 'admin',
  'POST /api/v1/llm/prompt-templates/{id}/activate': 'admin',
  'PATCH /api/v1/llm/budgets/{id}': 'admin',
  'POST /api/v1/llm/reservations/{interaction_id}/release': 'admin',
  'PATCH /api/v1/motivational/states/{type}': 'admin',
};

let running: TestApp;
let routes: Route[];

beforeAll(async () => {
  running = await startApp();
  routes = routesOf((await call<ApiDocument>(`${running.url}/openapi.json`)).body);
});
afterAll(() => running.close());

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
