import { cleanUpProcesses, startNyxProcess } from '../support/process.js';
import { startCollector, type Collector } from './collector.js';

const LOADED = 'loaded at the end: ';
/** Says which packages of OpenTelemetry a process had loaded when it ended. */
const WATCH = `import Module from 'node:module';
  const named = () => Object.keys(Module._cache).flatMap((path) => /@opentelemetry\\/([^/]+)/.exec(path)?.[1] ?? []);
  process.on('exit', () => console.log('${LOADED}' + JSON.stringify([...new Set(named())])));`;
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(WATCH)}`;

describe('OpenTelemetry', () => {
  let collector: Collector;
  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(async () => {
    await cleanUpProcesses();
    await collector.close();
  }, 300_000);

  async function loadedWith(env: Record<string, string>): Promise<string[]> {
    const nyx = await startNyxProcess({ env: { ...env, NODE_OPTIONS } });
    // A request is a span where there are any.
    expect((await fetch(`${nyx.url}/openapi.json`)).status).toBe(200);
    nyx.kill();
    expect(await nyx.exited).toEqual({ code: 0, signal: null });
    const line = nyx
      .stdout()
      .split('\n')
      .find((each) => each.startsWith(LOADED));
    return JSON.parse(line?.slice(LOADED.length) ?? 'null') as string[];
  }

  it('is not even loaded, and nothing is sent, without OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
    // Of these its own packages would read where to send, were they there.
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`, OTEL_TRACES_EXPORTER: 'otlp' };
    // The metrics library brings the bare interfaces, which do nothing by themselves.
    expect(await loadedWith(env)).toEqual(['api']);
    expect(collector.requests).toBe(0);
  }, 300_000);

  it('is loaded, and something is sent, with it', async () => {
    const loaded = await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    expect(loaded).toEqual(expect.arrayContaining(['api', 'sdk-trace-base', 'exporter-trace-otlp-http']));
    expect(collector.requests).toBeGreaterThan(0);
  }, 300_000);
});
