import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { call } from '../http/client.js';
import { startProbe, type ProbeApp } from '../http/probe-app.js';

let probe: ProbeApp;
beforeAll(async () => {
  probe = await startProbe();
});
afterAll(() => probe.close());

/** What is answered to who has it already; `fetch` would ask for all of it. */
async function statusFor(path: string, tag: string): Promise<number | undefined> {
  const asked = request(`${probe.url}${path}`, { headers: { 'if-none-match': tag } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const get = (path: string): ReturnType<typeof call> => call(`${probe.url}${path}`);

it.each(['/docs', '/redoc'])('%s asks for nothing foreign', async (path) => {
  const page = await get(path);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.text).not.toMatch(/https?:|\/\/[a-z]/i);
  const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThan(1);
  for (const address of addresses) {
    const asset = await get(address);
    expect({ address, status: asset.status }).toEqual({ address, status: 200 });
    expect(asset.headers.get('content-type')).toMatch(/^text\/(javascript|css)/);
    expect(asset.text).not.toMatch(/cdn\.|fonts\.googleapis|url\(\s*['"]?https?:/);
  }
});

it.each(['/docs', '/redoc', '/docs/start.js'])('%s may style inline, and nothing more', async (path) => {
  const policy = (await get(path)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self' 'unsafe-inline'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
});

it.each([
  '/docs',
  '/docs/swagger-ui.css',
  '/docs/swagger-ui-bundle.js',
  '/redoc/redoc.js',
  '/openapi.json',
  '/asyncapi.json',
])('%s is sent again only when it has changed', async (path) => {
  const { headers } = await get(path);
  expect(headers.get('cache-control')).toBe('no-cache');
  expect(await statusFor(path, headers.get('etag') ?? '')).toBe(304);
  expect(await statusFor(path, '"of another release"')).toBe(200);
});

it('pages beside them keep the strict policy', async () => {
  for (const path of ['/docsx', '/openapi.json', '/api/v1/auth/me']) {
    expect((await get(path)).headers.get('content-security-policy')).toMatch(/^default-src 'none';base-uri/);
  }
});

it('the assets are those of the page, and no way into the file system', async () => {
  for (const path of ['/docs/package.json', '/docs/../package.json', '/docs/%2e%2e/package.json', '/redoc/x']) {
    expect((await get(path)).status).toBe(404);
  }
  expect((await call(`${probe.url}/docs`, { method: 'POST' })).status).toBe(405);
});
