import { call } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';

const PER_MINUTE = 20;
const PROBES = ['/livez', '/readyz', '/health'];

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp({ rateLimitPerMinute: PER_MINUTE });
});
afterAll(() => nyx.close());

it('no probe is turned away, neither for being many nor for what else comes from its address', async () => {
  const flood: number[] = [];
  for (let n = 0; n < 2 * PER_MINUTE; n += 1) flood.push((await call(`${nyx.url}/nowhere-${n}`)).status);
  expect(flood).toContain(429);
  for (const probe of PROBES) {
    for (let n = 0; n < 2 * PER_MINUTE; n += 1) {
      const { status, headers } = await call(`${nyx.url}${probe}`);
      expect([status, headers.get('ratelimit-limit')]).toEqual([200, null]);
    }
    expect((await call(`${nyx.url}${probe}`, { method: 'HEAD' })).status).toBe(200);
    expect((await call(`${nyx.url}${probe}`, { headers: { accept: 'text/html' } })).status).toBe(406);
  }
});
