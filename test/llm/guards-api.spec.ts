import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';
import { parseMetrics, total } from '../telemetry/prometheus-text.js';

const GENERATE = '/api/v1/llm/generate';

describe('the guards of a model', () => {
  let app: TestApp;
  let server: ModelServer;

  afterEach(async () => {
    await app.close();
    await server.close();
  });

  const start = async (llm: object): Promise<void> => {
    server = await startModelServer();
    app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url, ...llm } });
  };
  const llmHealth = async (): Promise<unknown> => {
    const health = await app.request('viewer', 'GET', '/api/v1/system/health');
    return ((await health.json()) as { components: { llm: unknown } }).components.llm;
  };
  /** By the metric; 0 as well for a model that was never asked. */
  const openBreaker = async (model: string): Promise<number> => {
    const metrics = await app.request('viewer', 'GET', '/metrics');
    return total(parseMetrics(await metrics.text()), 'nyx_llm_breaker_open', { model });
  };
  const generate = (body: object = {}): Promise<Response> =>
    app.request('operator', 'POST', GENERATE, { user_prompt: 'Hello?', ...body });

  it('open in a storm of 529, refuse at once with Retry-After, probe with one call, and close again', async () => {
    await start({ breakerFailures: 3, breakerProbeSeconds: 5 });
    server.script({ answer: 'Back.' }, { status: 529, retryAfterMs: 1, times: 3 });
    expect((await generate()).status).toBe(503);
    expect(server.requests).toHaveLength(3);

    const refused = await generate();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-5]$/);
    expect(await refused.json()).toMatchObject({ error_code: 'LLM_UNAVAILABLE', circuit_breaker_open: true });
    expect(server.requests).toHaveLength(3);
    const stats = await app.request('viewer', 'GET', '/api/v1/llm/stats');
    expect(await stats.json()).toMatchObject({ circuit_breaker_open: true, circuit_breaker_failures: 3 });
    expect(await llmHealth()).toMatchObject({
      status: 'degraded',
      open_circuits: 1,
      failing_models: 'claude-haiku-5-5',
    });
    const other = await generate({ model: 'claude-sonnet-5-5' });
    expect(other.status).toBe(200);
    expect(await openBreaker('claude-haiku-5-5')).toBe(1);
    expect(await openBreaker('claude-sonnet-5-5')).toBe(0);

    await until('the probe is let through', async () => (await generate()).status === 200);
    expect((await generate()).status).toBe(200);
    expect(await llmHealth()).toMatchObject({ status: 'healthy', open_circuits: 0 });
    expect(await openBreaker('claude-haiku-5-5')).toBe(0);
  });

  it('stay closed for what only says that the provider is there: refused requests and rate limits', async () => {
    await start({ breakerFailures: 2 });
    server.script({ status: 400, errorType: 'invalid_request_error' });
    for (let index = 0; index < 4; index += 1) expect((await generate()).status).toBe(502);
    server.script({ status: 429, retryAfterMs: 1 });
    for (let index = 0; index < 3; index += 1) expect((await generate()).status).toBe(503);
    server.reset();
    expect((await generate()).status).toBe(200);
  });

  it('refuse with 503 and Retry-After who waits too long for a place, with nothing reserved or written', async () => {
    await start({ maxConcurrentCalls: 2, queueTimeoutSeconds: 1 });
    server.script({ hold: 'busy' });
    const busy = [generate(), generate()];
    await server.waitFor(2);
    const refused = await generate();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error_code: 'OVERLOADED' });
    server.release('busy');
    expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200]);
    expect(server.requests).toHaveLength(2);
    const list = await app.request('viewer', 'GET', '/api/v1/llm/interactions');
    expect(((await list.json()) as { items: unknown[] }).items).toHaveLength(2);
  });

  it('end a call whose answer does not begin in time', async () => {
    await start({ firstTokenTimeoutSeconds: 1, timeoutSeconds: 30 });
    server.script({ answer: 'Here.' }, { hang: true, times: 1 });
    const answer = await generate();
    expect(await answer.json()).toMatchObject({ content: 'Here.' });
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(['client_gone', 'finished']);
  });
});
