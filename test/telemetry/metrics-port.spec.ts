import { createServer, type AddressInfo } from 'node:net';
import { freePort } from '../support/free-port.js';
import { cleanUpProcesses, newDataDir, spawnNyx, startNyxProcess } from '../support/process.js';
import { parseMetrics, total } from './prometheus-text.js';

/** For processes that start while others do. */
const LIMIT_MS = 300_000;

afterAll(cleanUpProcesses, LIMIT_MS);

describe('METRICS_PORT', () => {
  it(
    'serves the metrics to everybody, nothing else, and ends with NYX',
    async () => {
      const port = await freePort();
      const nyx = await startNyxProcess({ env: { METRICS_PORT: String(port) } });
      const url = `http://127.0.0.1:${port}`;
      const answer = await fetch(`${url}/metrics`);
      expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
      expect(total(parseMetrics(await answer.text()), 'nyx_database_pool_connections')).toBeGreaterThan(0);
      for (const [method, path, status, code] of [
        ['GET', '/health', 404, 'NOT_FOUND'],
        ['GET', '/api/v1/system/status', 404, 'NOT_FOUND'],
        ['POST', '/metrics', 405, 'METHOD_NOT_ALLOWED'],
      ] as const) {
        const refused = await fetch(`${url}${path}`, { method });
        expect(refused.headers.get('content-type')).toBe('application/problem+json');
        expect(await refused.json()).toMatchObject({ status, error_code: code });
      }
      expect((await fetch(`${nyx.url}/metrics`)).status).toBe(401);
      nyx.kill();
      expect(await nyx.exited).toEqual({ code: 0, signal: null });
      await expect(fetch(`${url}/metrics`)).rejects.toThrow();
    },
    LIMIT_MS,
  );

  it(
    'stops the start with one sentence when it is taken',
    async () => {
      const blocker = createServer().listen(0, '127.0.0.1');
      await new Promise((done) => blocker.once('listening', done));
      const { port } = blocker.address() as AddressInfo;
      const nyx = await spawnNyx({ dataDir: await newDataDir(), env: { METRICS_PORT: String(port) } });
      expect(await nyx.exited).toMatchObject({ code: 1 });
      expect(nyx.stderr()).toMatch(/^METRICS_PORT: another program already listens on 127\.0\.0\.1:[^\n]+\.\n$/);
      blocker.close();
    },
    LIMIT_MS,
  );
});
