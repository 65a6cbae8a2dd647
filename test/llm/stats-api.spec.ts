import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { UsageCompaction } from '../../src/llm/stats/usage-compaction.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';

type Json = Record<string, unknown>;

let app: TestApp;
let server: ModelServer;

beforeAll(async () => {
  server = await startModelServer();
  app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url } });
});
afterAll(async () => {
  await app.close();
  await server.close();
});
beforeEach(() => server.reset());

const read = async (path: string) => {
  const response = await app.request('viewer', 'GET', `/api/v1/llm/${path}`);
  return { status: response.status, body: (await response.json()) as Json };
};
const itemsOf = (body: Json): Json[] => body.items as Json[];
const database = (): Database => app.app.get(Database, { strict: false });
const utcDay = (at: number = Date.now()): string => new Date(at).toISOString().slice(0, 10);
/** The newest first; two where it was midnight meanwhile. */
const daysOfCalls = async (): Promise<string[]> => {
  const calls = await database().query<{ at: Date }>(
    'SELECT request_timestamp AS at FROM llm_interactions ORDER BY request_timestamp DESC',
  );
  return [...new Set(calls.map(({ at }) => utcDay(at.getTime())))];
};

it('200 generations at once, a tenth of them failing, cost what the provider charged', async () => {
  server.script({ match: { prompt: /^(?:\d*)0 / }, status: 529, retryAfterMs: 5 });
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const body = { user_prompt: `${index} is a number, is it not?`, max_tokens: 200 };
      return (await app.request('operator', 'POST', '/api/v1/llm/generate', body)).status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(180);
  const charged = server.totalChargedUsd().toNumber();
  const { body } = await read('stats');
  expect(body).toMatchObject({ successful_requests: 180, total_cost_usd: charged, in_doubt_usd: 0 });
  expect(body).toMatchObject({ by_origin: { api: { cost_usd: charged } }, cost_saved_by_caching: 0 });
  const left = 'SELECT interaction_id FROM llm_usage_queue LIMIT 1';
  await until('the sweep rolled them up', async () => (await database().query(left)).length === 0, 60_000);
  const { body: after } = await read('stats');
  expect({ ...after, timestamp: body.timestamp }).toEqual(body);
}, 120_000);

describe('GET /llm/costs', () => {
  it('goes through workflows a page at a time, the dearest first, with their goals', async () => {
    const costs = ['0.5', '2.0000000001', '2', '0.25', '2'];
    const ids = costs.map(() => newId());
    for (const [index, id] of ids.entries()) {
      await database().query(
        `INSERT INTO workflows (id, principal_id, input_type, content, goal, max_cost_usd)
         VALUES ($1, 'x', 'user_prompt', '{}', 'goal ' || $2::text, 5)`,
        [id, index],
      );
      await database().query(
        `WITH ended AS (
           INSERT INTO llm_interactions (id, workflow_id, purpose, provider, model, prompt_text, status, success, cost_usd)
           VALUES ($1, $2, 'test', 'anthropic', 'm', '', 'succeeded', true, $3) RETURNING id
         )
         INSERT INTO llm_usage_queue (interaction_id) SELECT id FROM ended`,
        [newId(), id, costs[index]],
      );
    }
    const seen: Json[] = [];
    let cursor = '';
    do {
      const { body } = await read(`costs?by=workflow&limit=2${cursor}`);
      seen.push(...itemsOf(body));
      cursor = typeof body.next_cursor === 'string' ? `&cursor=${body.next_cursor}` : '';
      // Each list has cursors of its own.
      if (cursor !== '') expect((await read(`costs?by=model${cursor}`)).status).toBe(400);
      await app.app.get(UsageCompaction, { strict: false }).run();
    } while (cursor !== '');
    expect(seen.map(({ cost_usd: cost }) => cost)).toEqual([2.0000000001, 2, 2, 0.5, 0.25]);
    expect(new Set(seen.map(({ key }) => key))).toEqual(new Set(ids));
    expect(seen[0]).toMatchObject({ key: ids[1], label: 'goal 1', requests: 1 });
  });

  it('answers the whole shape, and the same total whatever it lists by', async () => {
    const today = utcDay();
    const bodies = await Promise.all(
      ['principal', 'model', 'day', 'workflow', 'origin'].map(async (by) => (await read(`costs?by=${by}`)).body),
    );
    for (const body of bodies) {
      expect([today, utcDay()]).toContain(body.to);
      expect(body).toMatchObject({ total: bodies[0]?.total });
      expect(Object.keys(itemsOf(body)[0] ?? {})).toEqual(
        expect.arrayContaining([
          'key',
          'requests',
          'cost_usd',
          'in_doubt_usd',
          'input_tokens',
          'output_tokens',
          'cache_read_input_tokens',
          'cost_saved_usd',
        ]),
      );
    }
    expect(itemsOf(bodies[2] ?? {})).toMatchObject((await daysOfCalls()).map((key) => ({ key })));
    expect(itemsOf(bodies[0] ?? {}).map(({ key }) => key)).toContain('unknown');
  });

  it('takes whole days only, both included', async () => {
    const today = utcDay();
    const { from, to } = (await read('costs?by=day')).body;
    expect([today, utcDay()]).toContain(to);
    const day = (ago: number) => utcDay(Date.parse(String(to)) - ago * 86_400_000);
    expect(from).toBe(day(29));
    expect((await read('costs?by=day&to=2026-03-01')).body).toMatchObject({ from: '2026-01-31', items: [] });
    const [last = ''] = await daysOfCalls();
    expect((await read(`costs?by=day&from=${last}`)).body).toMatchObject({ from: last, items: [{ key: last }] });
    for (const query of [
      'by=day&from=2026-03-02&to=2026-03-01',
      `by=day&from=${day(-2)}`,
      'by=day&from=2026-03-01T00:00:00Z',
      'by=day&to=2026-02-29',
      'by=day&to=0000-01-01',
      'by=day&to=20260301',
      'by=week',
      'from=2026-03-01',
      'by=day&limit=0',
      'by=day&limit=201',
      'by=day&cursor=x',
      'by=day&cursor=MSA',
      'by=day&cursor=MSAA',
      'by=day&other=1',
    ]) {
      const { status, body } = await read(`costs?${query}`);
      expect([query, status, body.error_code]).toEqual([query, 400, 'VALIDATION_ERROR']);
    }
  });
});

it.each(['stats', 'costs?by=model'])('GET /llm/%s is for who is signed in', async (path) => {
  expect((await app.request(undefined, 'GET', `/api/v1/llm/${path}`)).status).toBe(401);
});
