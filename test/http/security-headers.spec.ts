import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { addressOf, type ApiDocument, routesOf } from '../docs/operations.js';
import { startApp, type TestApp } from '../support/app.js';
import { bearer, call } from './client.js';
import { populate } from './populated.js';

const STRICT = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";
const FOREIGN = 'https://evil.example';
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;

let nyx: TestApp;
let admin: Record<string, string>;
beforeAll(async () => {
  nyx = await startApp();
  admin = bearer(await nyx.token('admin'));
});
afterAll(() => nyx.close());

/** What is wrong with the header fields of an answer; undefined: nothing. */
function complaint(headers: Headers): string | undefined {
  if (headers.get('content-security-policy') !== STRICT) return `policy ${headers.get('content-security-policy')}`;
  if (headers.get('x-content-type-options') !== 'nosniff') return 'sniffing';
  if (headers.get('x-frame-options') !== 'DENY') return 'frames';
  if (headers.get('referrer-policy') !== 'no-referrer') return 'referrer';
  if (headers.get('access-control-allow-origin') !== null) return 'a foreign origin may call';
  return undefined;
}

it.each<[string, () => Record<string, string>]>([
  ['with credentials', () => admin],
  ['without', () => ({})],
])('every route has the strict policy for everybody, %s', async (_what, headers) => {
  const complaints: string[] = [];
  const pages = ['/docs', '/redoc'];
  for (const route of routesOf(document).filter(({ path }) => !pages.includes(path))) {
    // Bodies that nobody takes: what is answered has the fields all the same.
    const body = route.method === 'GET' ? undefined : '[]';
    const address = `${nyx.url}${addressOf(route)}`;
    const answer = await call(address, { method: route.method, headers: { ...headers(), origin: FOREIGN }, body });
    const wrong = complaint(answer.headers);
    if (wrong !== undefined) complaints.push(`${route.name} (${answer.status}): ${wrong}`);
  }
  expect(complaints).toEqual([]);
});

it('so have streams, files that are pages, unknown addresses, bad bodies and wrong methods', async () => {
  const workflow = (await populate(nyx.url, admin)).get('workflows') ?? '';
  const page = `${nyx.url}/api/v1/tools/files/page.html`;
  const type = { 'content-type': 'application/octet-stream' };
  await call(page, { method: 'PUT', headers: { ...admin, ...type }, body: '<script>alert(1)</script>' });
  const origin = { ...admin, origin: FOREIGN };
  const abort = new AbortController();
  const stream = await fetch(`${nyx.url}/api/v1/orchestrator/workflows/${workflow}/events`, {
    headers: { ...origin, accept: 'text/event-stream' },
    signal: abort.signal,
  });
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, expect.stringContaining('event-stream')]);
  expect(complaint(stream.headers)).toBeUndefined();
  abort.abort();
  const file = await call(page, { headers: origin });
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).not.toContain('html');
  for (const answer of [
    file,
    await call(`${nyx.url}/nowhere`, { headers: origin }),
    await call(`${nyx.url}/api/v1/auth/login`, { headers: origin, body: '{' }),
    await call(`${nyx.url}/api/v1/auth/me`, { headers: origin, method: 'DELETE' }),
    await call(`${nyx.url}/livez`, { headers: origin }),
  ]) {
    expect([answer.status, complaint(answer.headers)]).toEqual([answer.status, undefined]);
  }
});

it('so has what is hardly HTTP', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let said = '';
    const socket = connect(Number(new URL(nyx.url).port), '127.0.0.1', () => socket.write('hello\r\n\r\n'));
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('close', () => resolve(said));
    socket.on('error', reject);
  });
  expect(text).toContain(`Content-Security-Policy: ${STRICT}`);
});
