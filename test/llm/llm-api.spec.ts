import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';

const GENERATE = '/api/v1/llm/generate';

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

type Json = Record<string, unknown>;

const aNumber: unknown = expect.any(Number);
const aUuid: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);

const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
  const response = await app.request('operator', method, path, body, headers);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
};
const generate = (body: unknown, headers?: Record<string, string>) => call('POST', GENERATE, body, headers);
const fieldsOf = (body: Json): string[] => ((body.errors ?? []) as { field: string }[]).map(({ field }) => field);

describe('POST /llm/generate', () => {
  it('answers with text, usage and exact cost', async () => {
    server.script({ answer: 'Paris.' });
    const { status, body } = await generate({ system_prompt: 'Be short.', user_prompt: 'Name the capital of France.' });
    expect(status).toBe(200);
    const charged = server.totalChargedUsd().toNumber();
    expect(body).toEqual({
      content: 'Paris.',
      success: true,
      cached: false,
      model: 'claude-haiku-5-5',
      provider: 'anthropic',
      stop_reason: 'end_turn',
      interaction_id: aUuid,
      latency_ms: aNumber,
      warnings: [],
      usage: {
        input_tokens: aNumber,
        output_tokens: aNumber,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        total_cost_usd: charged,
        cost_without_cache_usd: charged,
      },
    });
  });

  it('sends a lone system prompt as the user turn, and no temperature, and says so', async () => {
    const { body } = await generate({
      system_prompt: 'Name the capital of France.',
      temperature: 0.2,
      user_prompt: ' ',
    });
    expect(body.success).toBe(true);
    expect(body.warnings).toEqual([expect.stringContaining('temperature')]);
    const sent = server.requests[0]?.body as Json;
    expect(sent.messages).toEqual([{ role: 'user', content: 'Name the capital of France.' }]);
    expect(sent).not.toHaveProperty('temperature');
    expect(sent).not.toHaveProperty('system');
  });

  it('takes the nulls that old clients send', async () => {
    const { status } = await generate({
      user_prompt: 'Hi',
      system_prompt: null,
      thought_tree_id: null,
      agent_id: null,
      session_id: null,
    });
    expect(status).toBe(200);
  });

  it.each(['refusal', 'max_tokens'])('answers a %s with success false', async (stopReason) => {
    server.script({ answer: 'Par', stopReason });
    const { status, body } = await generate({ user_prompt: 'Name the capital of France.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: false, stop_reason: stopReason });
    expect(body.warnings).toHaveLength(1);
  });

  it('answers the same key once', async () => {
    const key = { 'Idempotency-Key': newId() };
    const answers = await Promise.all([1, 2, 3].map(() => generate({ user_prompt: 'Once.' }, key)));
    expect(new Set(answers.map(({ body }) => body.interaction_id)).size).toBe(1);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [{}, 'user_prompt'],
    [{ user_prompt: '  ' }, 'user_prompt'],
    [{ user_prompt: 7 }, 'user_prompt'],
    [{ user_prompt: 'a'.repeat(200_001) }, 'user_prompt'],
    [{ user_prompt: 'Hi', stream: 'yes' }, 'stream'],
    [{ user_prompt: 'Hi', max_tokens: 0 }, 'max_tokens'],
    [{ user_prompt: 'Hi', max_tokens: 1.5 }, 'max_tokens'],
    [{ user_prompt: 'Hi', max_tokens: 128_001 }, 'max_tokens'],
    [{ user_prompt: 'Hi', temperature: 1.1 }, 'temperature'],
    [{ user_prompt: 'Hi', thought_tree_id: 'x' }, 'thought_tree_id'],
    [{ user_prompt: 'Hi', thought_tree_id: newId() }, 'thought_tree_id'],
    [{ user_prompt: 'Hi', agent_id: newId() }, 'agent_id'],
    [{ user_prompt: 'Hi', session_id: '' }, 'session_id'],
    [{ user_prompt: 'Hi', use_native_caching: 'yes' }, 'use_native_caching'],
    [{ user_prompt: 'Hi', extra: 1 }, 'extra'],
  ])('refuses %j naming %s', async (given, field) => {
    const { status, body } = await generate(given);
    expect(status).toBe(400);
    expect(body.error_code).toBe('VALIDATION_ERROR');
    expect(fieldsOf(body)).toContain(field);
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    [{ model: 'gpt-9' }, 'UNKNOWN_MODEL'],
    [{ model: 'claude-fable-5-2' }, 'MODEL_UNPRICED'],
  ])('refuses %j as %s', async (given, code) => {
    const { status, body } = await generate({ user_prompt: 'Hi', ...given });
    expect([status, body.error_code]).toEqual([400, code]);
  });

  it('passes the provider’s failures on as 502 and 503', async () => {
    server.script({ status: 400, errorType: 'invalid_request_error', errorMessage: 'no' });
    expect(await generate({ user_prompt: 'Hi' })).toMatchObject({ status: 502, body: { error_code: 'LLM_UPSTREAM' } });
    server.script({ status: 429, errorCode: 'enforced_spend_limit_reached', retryAfterSeconds: 9 });
    const unavailable = await generate({ user_prompt: 'Hi' });
    expect(unavailable).toMatchObject({ status: 503, body: { error_code: 'LLM_UNAVAILABLE', attempts: 1 } });
    expect(unavailable.headers.get('retry-after')).toBe('9');
  });

  it('is attributed to a thought and its agent', async () => {
    const database = app.app.get(Database, { strict: false });
    const [thought, agent] = [newId(), newId()];
    await database.query(
      `INSERT INTO workflows (id, principal_id, input_type, content, goal, max_cost_usd) VALUES ($1, 'x', 'user_prompt', '{}', 'g', 1)`,
      [thought],
    );
    await database.query(`INSERT INTO thought_trees (id, root_id, goal) VALUES ($1, $1, 'g')`, [thought]);
    await database.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class) VALUES ($1, $2, 'task', 'TaskAgent')`,
      [agent, thought],
    );
    const { body } = await generate({
      user_prompt: 'Hi',
      thought_tree_id: thought,
      agent_id: agent,
      session_id: 's-1',
    });
    for (const query of [`thought_tree_id=${thought}`, `agent_id=${agent}`]) {
      const { body: page } = await call('GET', `/api/v1/llm/interactions?${query}`);
      expect(page.items).toEqual([expect.objectContaining({ id: body.interaction_id, session_id: 's-1' })]);
    }
  });

  it('is for operators', async () => {
    expect((await app.request('viewer', 'POST', GENERATE, { user_prompt: 'Hi' })).status).toBe(403);
    expect((await app.request(undefined, 'POST', GENERATE, { user_prompt: 'Hi' })).status).toBe(401);
  });
});

it('GET /llm/models lists prices, limits and the default', async () => {
  const { status, body } = await call('GET', '/api/v1/llm/models');
  expect(status).toBe(200);
  expect(body).toMatchObject({ next_cursor: null, provider: 'anthropic' });
  const models = body.items as Json[];
  expect(models.filter((model) => model.is_default).map((model) => model.id)).toEqual(['claude-haiku-5-5']);
  expect(models.find((model) => model.id === 'claude-haiku-5-5')).toMatchObject({
    display_name: 'Claude Haiku 5.5',
    lifecycle: 'current',
    limits: { context_window: 1_000_000, max_output_tokens: 128_000 },
    prices: [
      { above_input_tokens: 0, input: 0.1, output: 0.5, cache_write_5m: 0.125, cache_write_1h: 0.2, cache_read: 0.01 },
      {
        above_input_tokens: 100_000,
        input: 0.5,
        output: 2.5,
        cache_write_5m: 0.625,
        cache_write_1h: 1,
        cache_read: 0.05,
      },
    ],
  });
  expect(models.find((model) => model.id === 'claude-fable-5-2')).toMatchObject({ prices: [] });
});

describe('GET /llm/interactions', () => {
  it('goes through all of them, newest first, a page at a time', async () => {
    for (const prompt of ['one', 'two', 'three']) await generate({ user_prompt: prompt, model: 'claude-sonnet-5-5' });
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await call('GET', `/api/v1/llm/interactions?limit=2&model=claude-sonnet-5-5${cursor}`);
      seen.push(...(body.items as Json[]).map((item) => item.prompt_text));
      cursor = typeof body.next_cursor === 'string' ? `&cursor=${body.next_cursor}` : '';
    } while (cursor !== '');
    expect(seen).toEqual(['three', 'two', 'one']);
  });

  it('tells those that failed from those that did not', async () => {
    server.script({ status: 400, times: 1 });
    await generate({ user_prompt: 'a failing one' });
    const { body: failed } = await call('GET', '/api/v1/llm/interactions?success=false');
    expect((failed.items as Json[])[0]).toMatchObject({ status: 'failed', error_code: 'LLM_UPSTREAM', cost_usd: 0 });
    const { body: fine } = await call('GET', '/api/v1/llm/interactions?success=true&limit=200');
    expect((fine.items as Json[]).every((item) => item.success === true)).toBe(true);
  });

  it('shows the beginning of long texts, and the whole of one', async () => {
    const prompt = 'long '.repeat(1000);
    const { body } = await generate({ user_prompt: prompt });
    const { body: page } = await call('GET', '/api/v1/llm/interactions?limit=1');
    expect((page.items as Json[])[0]?.prompt_text).toBe(prompt.slice(0, 1000));
    const { body: one } = await call('GET', `/api/v1/llm/interactions/${String(body.interaction_id)}`);
    expect(one).toMatchObject({
      prompt_text: prompt,
      response_text: body.content,
      response: null,
      purpose: 'generate',
    });
    expect(one).not.toHaveProperty('at');
  });

  it('is viewable, and 404 or 400 for what is not there', async () => {
    expect((await app.request('viewer', 'GET', '/api/v1/llm/interactions')).status).toBe(200);
    expect((await call('GET', `/api/v1/llm/interactions/${newId()}`)).status).toBe(404);
    expect((await call('GET', '/api/v1/llm/interactions/7')).status).toBe(400);
    for (const query of ['cursor=x', 'limit=0', 'workflow_id=1', 'success=maybe', 'other=1']) {
      expect([query, (await call('GET', `/api/v1/llm/interactions?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

it('refuses with 402 what the day’s budget does not hold', async () => {
  const database = app.app.get(Database, { strict: false });
  // Tomorrow's too: midnight may come meanwhile.
  await database.query(
    `INSERT INTO budget_scopes (id, kind, key, limit_usd, spent_usd)
     SELECT gen_random_uuid(), 'system_day', to_char((now() AT TIME ZONE 'UTC')::date + n, 'YYYY-MM-DD'), 50, 49.9999 FROM generate_series(0, 1) n
       ON CONFLICT (kind, key) DO UPDATE SET spent_usd = excluded.spent_usd`,
  );
  const { status, body } = await generate({ user_prompt: 'Hi', max_tokens: 100_000 });
  expect(status).toBe(402);
  expect(body).toMatchObject({ error_code: 'BUDGET_EXCEEDED', scope: 'system_day', limit_usd: 50, spent_usd: 49.9999 });
  expect(body).toMatchObject({ reserved_usd: 0, in_doubt_usd: 0, remaining_usd: 0.0001 });
  expect(server.requests).toHaveLength(0);
});
