import { io } from 'socket.io-client';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

/** What clients read, as the contract has it: there may be more keys, never fewer. */
const anything = expect.anything() as unknown;
const text = expect.any(String) as unknown;
const number = expect.any(Number) as unknown;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown;
const having = (shape: object): unknown => expect.objectContaining(shape);

describe('what the system says of itself', () => {
  let nyx: TestApp;
  beforeAll(async () => {
    nyx = await startApp();
  }, 180_000);
  afterAll(() => nyx.close());

  const read = async <Body = unknown>(path: string): Promise<Body> => {
    const answer = await nyx.request('viewer', 'GET', path);
    expect([path, answer.status]).toEqual([path, 200]);
    return (await answer.json()) as Body;
  };

  it('has every key of /status', async () => {
    let status: { components?: { system: { status: string } } } = {};
    // One slow turn of the event loop is told, too.
    await until('the process is well', async () => {
      status = await read('/api/v1/system/status');
      return status.components?.system.status === 'healthy';
    });
    expect(status).toEqual(
      having({
        timestamp: time,
        uptime: expect.stringMatching(/^(\d+d )?(\d+h )?(\d+m )?\d+s$/) as unknown,
        uptime_seconds: number,
        version: '1.0.0',
        environment: 'test',
        database: having({ status: 'connected', connection_pool: 'healthy', last_check: time }),
        components: having({
          database: having({ status: 'healthy', connection: 'connected', latency_ms: number }),
          system: having({ status: 'healthy', response_time_ms: number }),
          llm: having({ status: 'healthy', provider: 'offline' }),
          durable: having({ status: 'healthy' }),
          engine: having({ status: text, running: false }),
          sandbox: having({ status: text }),
        }),
      }),
    );
  });

  it('has every key of /stats', async () => {
    const counts = having({ total: 0, by_status: anything });
    const figures = having({ total_tokens: 0, cost_usd: 0, input_tokens_saved: 0, cost_saved_by_caching: 0 });
    const percentiles = having({ p50: 0, p90: 0, p95: 0, p99: 0 });
    expect(await read('/api/v1/system/stats')).toEqual(
      having({
        workflows: counts,
        agents: counts,
        motivational_tasks: counts,
        tool_executions: counts,
        usage: having({ today: figures, last_7_days: figures, total: figures }),
        latency_ms: having({ model_calls: percentiles, workflows: percentiles, tool_executions: percentiles }),
        replica: having({
          event_loop_delay_ms: having({ mean: number, p50: number, p99: number, max: number }),
          memory: having({ rss_bytes: number, heap_used_bytes: number, heap_total_bytes: number }),
          database_pool: having({ max: number, open: number, idle: number, waiting: number }),
        }),
        timestamp: time,
      }),
    );
  });

  it('has every key and every limit of /config, and shows no credential', async () => {
    const { items } = await read<{ items: { config_key: string }[] }>('/api/v1/system/config');
    for (const item of items) {
      expect(Object.keys(item)).toEqual(
        expect.arrayContaining(['config_key', 'config_value', 'config_type', 'description', 'updated_at']),
      );
      expect(item).toMatchObject({ config_type: expect.stringMatching(/^(limit|setting)$/) as string });
    }
    const limits = {
      max_recursion_depth: 10,
      max_concurrent_agents: 50,
      default_retry_attempts: 3,
      llm_timeout_seconds: 60,
      tool_timeout_seconds: 30,
      max_thought_tree_age_days: 365,
      llm_enabled: true,
      budget_system_day_usd: 50,
    };
    for (const [key, value] of Object.entries(limits))
      expect(items).toContainEqual(having({ config_key: key, config_value: value }));
  });

  it('names in /info what is there: each address answers, each namespace takes clients', async () => {
    const info = await read<{ features: string[]; endpoints: Record<string, string> }>('/api/v1/system/info');
    expect(info).toMatchObject({
      name: 'NYX Autonomous Agent API',
      version: '1.0.0',
      description: 'REST API for NYX autonomous orchestration system',
      timestamp: time,
    });
    for (const word of [/Socket\.IO and Server-Sent Events/, /webhooks/, /metrics.*traces/])
      expect(info.features).toContainEqual(expect.stringMatching(word));
    const { paths } = await read<{ paths: object }>('/openapi.json');
    const { channels } = await read<{ channels: Record<string, { address?: string }> }>('/asyncapi.json');
    const namespaces: string[] = [];
    for (const address of Object.values(info.endpoints)) {
      if (address.startsWith('/ws/')) namespaces.push(address);
      else if (/^\/api\/v1\/\w+$/.test(address))
        expect(Object.keys(paths)).toContainEqual(expect.stringMatching(`^${address}/`));
      else expect([address, (await nyx.request('admin', 'GET', address)).status]).toEqual([address, 200]);
    }
    const described = Object.values(channels).flatMap((channel) => channel.address ?? []);
    expect(namespaces.sort()).toEqual(described.sort());
    for (const namespace of namespaces) expect(await enters(namespace)).toBe(true);
    expect(await enters('/ws/nothing')).toBe(false);
  });

  async function enters(namespace: string): Promise<boolean> {
    const auth = { token: await nyx.token('viewer') };
    const socket = io(`${nyx.url}${namespace}`, {
      transports: ['websocket'],
      auth,
      forceNew: true,
      reconnection: false,
    });
    try {
      return await new Promise((resolve) => {
        socket.once('connect', () => resolve(true)).once('connect_error', () => resolve(false));
      });
    } finally {
      socket.disconnect();
    }
  }
});
