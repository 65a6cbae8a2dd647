import type { NestExpressApplication } from '@nestjs/platform-express';
import { Database } from '../../src/database/database.service.js';
import { MotivationSeed } from '../../src/motivation/states/motivation-seed.service.js';
import { Sandbox } from '../../src/tools/sandbox/sandbox.js';
import { call, expectProblem, type Answer } from '../http/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { KEY, startSystemApp } from './system-app.js';

const anyText = expect.any(String) as unknown;
const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown;

describe('the doors of the system', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let app: NestExpressApplication;
  let base: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    app = await startSystemApp(relay.url);
    base = await app.getUrl();
  });

  afterAll(async () => {
    relay.resume();
    await app.close();
    await relay.close();
    await database.drop();
  });

  const open = <Body = unknown>(path: string): Promise<Answer<Body>> => call(`${base}${path}`);
  const get = <Body = unknown>(path: string): Promise<Answer<Body>> =>
    call(`${base}${path}`, { headers: { 'x-api-key': KEY } });

  const sandboxByItsTools = async (): Promise<object> => {
    type Tools = { tools: { name: string; available: boolean; reason?: string }[] };
    const { tools } = (await get<Tools>('/api/v1/tools/available')).body;
    const { available, reason } = tools.find(({ name }) => name === 'shell_command') ?? {};
    return available ? { status: 'healthy' } : { status: 'unavailable', reason };
  };

  /** @returns what it says then: one slow turn of the event loop is told, too */
  const healthy = async (ask: () => Promise<Answer<{ status: string }>>): Promise<object> => {
    let body = {};
    await until('it is healthy', async () => {
      const answer = await ask();
      ({ body } = answer);
      return answer.body.status === 'healthy';
    });
    return body;
  };

  it('say what this is to everybody', async () => {
    expect((await open('/')).body).toEqual({
      message: 'NYX Autonomous Agent API',
      version: '1.0.0',
      docs: '/docs',
      health: '/health',
    });
    expect(await healthy(() => open('/health'))).toEqual({
      status: 'healthy',
      version: '1.0.0',
      service: 'nyx-api',
      timestamp: isoTime,
    });
    expect((await open('/livez')).body).toEqual({ status: 'alive' });
    expect((await open('/readyz')).body).toEqual({ status: 'ready', timestamp: isoTime });
  });

  it.each([
    '/api/v1/system/health',
    '/api/v1/system/status',
    '/api/v1/system/info',
    '/api/v1/motivational/states',
    '/api/v1/tools/available',
  ])('keep %s for those who are signed in', async (path) => {
    expectProblem(await open(path), 401, 'UNAUTHENTICATED');
    expect((await get(path)).status).toBe(200);
  });

  it('report part by part', async () => {
    expect(await healthy(() => get('/api/v1/system/health'))).toEqual({
      status: 'healthy',
      database: 'connected',
      timestamp: isoTime,
      version: '1.0.0',
      service: 'nyx-api',
      components: {
        database: { status: 'healthy', connection: 'connected', latency_ms: expect.any(Number) as unknown },
        clock: { status: 'healthy', skew_seconds: expect.any(Number) as unknown },
        system: { status: 'healthy', response_time_ms: expect.any(Number) as unknown },
        llm: { status: 'healthy', provider: 'offline', enabled: true, open_circuits: 0 },
        durable: { status: 'healthy', running: true, lease: true, executor_id: anyText },
        engine: { status: 'not_initialized', running: false },
        sandbox: await sandboxByItsTools(),
      },
    });
    expect((await get('/api/v1/system/status')).body).toMatchObject({
      uptime: anyText,
      uptime_seconds: expect.any(Number) as unknown,
      environment: 'test',
      database: { status: 'connected', connection_pool: 'healthy', last_check: isoTime },
    });
    expect((await get('/api/v1/system/info')).body).toMatchObject({
      name: 'NYX Autonomous Agent API',
      endpoints: { orchestrator: '/api/v1/orchestrator', docs: '/docs' },
    });
  });

  it('say of the sandbox what its tools say, also when there is none', async () => {
    const health = () => get<{ components: { sandbox: object } }>('/api/v1/system/health');
    expect((await health()).body.components.sandbox).toEqual(await sandboxByItsTools());
    await app.get(Sandbox).onApplicationShutdown();
    const without = await sandboxByItsTools();
    expect(without).toEqual({ status: 'unavailable', reason: anyText });
    expect((await health()).body.components.sandbox).toEqual(without);
  });

  it('describe the 503 of health with the report itself', async () => {
    const { body } = await open<{ paths: Record<string, { get: { responses: Record<string, { content: object }> } }> }>(
      '/openapi.json',
    );
    const content = body.paths['/api/v1/system/health']?.get.responses['503']?.content ?? {};
    expect(Object.keys(content).sort()).toEqual(['application/json', 'application/problem+json']);
  });

  it('list the six motivations, seeded once however many replicas start', async () => {
    const seed = app.get(MotivationSeed);
    await Promise.all([seed.onModuleInit(), seed.onModuleInit(), seed.onModuleInit()]);
    const { body } = await get<{ states: { motivation_type: string }[] }>('/api/v1/motivational/states');
    expect(body).toMatchObject({ total_active_states: 6, engine_running: false, timestamp: isoTime });
    expect(body.states.map(({ motivation_type }) => motivation_type)).toEqual([
      'explore_recent_failure',
      'idle_exploration',
      'maximize_coverage',
      'refine_low_confidence',
      'resolve_unfinished_tasks',
      'revisit_old_thoughts',
    ]);
    expect(body.states[2]).toEqual({
      motivation_type: 'maximize_coverage',
      urgency: 0.1,
      satisfaction: 0.6,
      arbitration_score: 0.04,
      success_rate: 0,
      total_attempts: 0,
      success_count: 0,
      failure_count: 0,
      is_active: true,
      is_registered: true,
      last_triggered: null,
      last_satisfied: null,
      decay_rate: 0.01,
      boost_factor: 1,
      max_urgency: 1,
    });
  });

  it('leave what a motivation has learned alone when NYX starts again', async () => {
    const sql = app.get(Database);
    await sql.query(
      `UPDATE motivational_states SET satisfaction = 0.2, is_active = false WHERE motivation_type = 'idle_exploration'`,
    );
    await app.get(MotivationSeed).onModuleInit();
    const { body } = await get<{ total_active_states: number; states: object[] }>('/api/v1/motivational/states');
    expect(body.total_active_states).toBe(5);
    expect(body.states).toContainEqual(
      expect.objectContaining({ motivation_type: 'idle_exploration', satisfaction: 0.2, is_active: false }),
    );
  });

  it('list tools, and say why one cannot be used', async () => {
    const { body } = await get<{ tools: object[] }>('/api/v1/tools/available');
    const httpRequest = { name: 'http_request', risk: 'network', available: false, reason: anyText };
    expect(body.tools).toContainEqual(expect.objectContaining(httpRequest));
    expect(body.tools).toContainEqual(
      expect.objectContaining({ name: 'file_operations', risk: 'write', available: true }),
    );
  });

  it.each(['cut', 'freeze'] as const)('answer 503 when the database is gone (%s), and recover', async (how) => {
    relay[how]();
    const answers = await Promise.all([open('/health'), open('/readyz'), open('/livez'), open('/health')]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200, 503]);
    expect(answers[0].body).toMatchObject({ status: 'unhealthy' });
    expect(answers[0].headers.get('retry-after')).toBe('2');
    relay.resume();
    await until('/readyz answers 200', async () => (await open('/readyz')).status === 200);
    await healthy(() => open('/health'));
  });
});
