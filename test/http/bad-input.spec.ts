import { Database } from '../../src/database/database.service.js';
import { addressOf, type ApiDocument, parametersIn, type Route, routesOf } from '../docs/operations.js';
import { type BadRequest, badRequestsFor } from '../docs/bad-input.js';
import { startApp, type TestApp } from '../support/app.js';
import { bearer, call, expectProblemShape } from './client.js';

/** Tables that change by themselves. */
const RESTLESS = new Set(['executors', 'migrations']);

let running: TestApp;
let document: ApiDocument;
let admin: Record<string, string>;

beforeAll(async () => {
  running = await startApp();
  document = (await call<ApiDocument>(`${running.url}/openapi.json`)).body;
  admin = bearer(await running.token('admin'));
});
afterAll(() => running.close());

/** Every row of every table, as one hash a table. */
async function contents(): Promise<Record<string, string | null>> {
  const database = running.app.get(Database);
  const tables = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'audit_log' ORDER BY 1`,
  );
  const hashes: Record<string, string | null> = {};
  for (const { name } of tables.filter((table) => !RESTLESS.has(table.name))) {
    const [row] = await database.query<{ hash: string | null }>(
      `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS hash FROM "${name}" t`,
    );
    hashes[name] = row?.hash ?? null;
  }
  return hashes;
}

/** What is wrong with the answer to a bad request, in one line; undefined when it is a problem document with a 4xx. */
async function complaint(route: Route, { what, address, ...request }: BadRequest): Promise<string | undefined> {
  const answer = await call(`${running.url}${address}`, { ...request, headers: { ...admin, ...request.headers } });
  const at = `${route.name} with ${what}: ${answer.status} ${answer.text.slice(0, 200)}`;
  if (answer.status < 400 || answer.status >= 500) return at;
  try {
    expectProblemShape(answer);
    return undefined;
  } catch (error) {
    return `${at}\n${error instanceof Error ? error.message : String(error)}`;
  }
}

it('bad input of every kind on every route is a problem document, never a 5xx, and writes nothing', async () => {
  const before = await contents();
  const complaints: string[] = [];
  let sent = 0;
  for (const route of routesOf(document)) {
    for (const request of badRequestsFor(document, route)) {
      const wrong = await complaint(route, request);
      if (wrong !== undefined) complaints.push(wrong);
      sent += 1;
    }
  }
  expect(complaints).toEqual([]);
  expect(sent).toBeGreaterThan(300);
  expect('polluted' in {}).toBe(false);
  expect(await contents()).toEqual(before);
}, 120_000);

it('ids of nothing are 404 on every route', async () => {
  const complaints: string[] = [];
  for (const route of routesOf(document)) {
    const ids = parametersIn(route, 'path').filter(({ schema }) => schema?.format === 'uuid');
    if (ids.length === 0 || route.operation.requestBody) continue;
    const answer = await call(`${running.url}${addressOf(route)}`, { method: route.method, headers: admin });
    if (answer.status !== 404) complaints.push(`${route.name}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  expect(complaints).toEqual([]);
});
