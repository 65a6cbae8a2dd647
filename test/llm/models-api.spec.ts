import { Database } from '../../src/database/database.service.js';
import { ModelRefresh } from '../../src/llm/model-refresh.service.js';
import { FREE } from '../../src/llm/pricing.rules.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelListing, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';

type Json = Record<string, unknown>;

const NOTHING = { input: '0', output: '0', write5m: '0', write1h: '0', read: '0' };
const OLD = { id: 'claude-opus-5', lifecycle: 'retired', line: 'opus' };
const AGEING = {
  id: 'claude-sonnet-5-5',
  display_name: 'Claude Sonnet 5.5',
  lifecycle: 'deprecated',
  line: 'sonnet',
  deprecated_at: '2026-11-01T00:00:00Z',
  retires_at: '2027-05-01T00:00:00Z',
  max_input_tokens: 400_000,
  max_tokens: 32_000,
};

let app: TestApp;
let server: ModelServer;

const call = async (method: string, path: string, body?: unknown) => {
  const response = await app.request('operator', method, `/api/v1/llm${path}`, body);
  return { status: response.status, body: (await response.json()) as Json };
};
const generate = (model: string, more: Json = {}) => call('POST', '/generate', { user_prompt: 'Hi', model, ...more });
const modelsById = async (): Promise<Map<unknown, Json>> => {
  const { body } = await call('GET', '/models');
  return new Map((body.items as Json[]).map((item) => [item.id, item]));
};

describe('with a list that is looked at when a test says so', () => {
  beforeAll(async () => {
    server = await startModelServer({ prices: { 'my-model': NOTHING, 'claude-opus-6': NOTHING } });
    const llm = {
      apiKey: 'test-key',
      baseUrl: server.url,
      defaultModel: 'fast',
      modelAliases: {
        fast: 'claude-haiku-5-5',
        balanced: 'claude-sonnet-5-5',
        best: 'claude-opus-5-5',
        local: 'my-model',
      },
      modelPrices: { 'my-model': FREE },
    };
    app = await startApp({ llm });
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });
  beforeEach(async () => {
    server.reset();
    await look({});
  });

  const look = async (listing: ModelListing): Promise<void> => {
    server.listModels(listing);
    await app.app.get(ModelRefresh, { strict: false }).refresh();
  };

  it('GET /llm/models shows what provider, table and configuration say together', async () => {
    await look({ models: [AGEING, OLD, { id: 'claude-opus-6', line: 'opus' }] });
    const models = await modelsById();
    expect(models.get('claude-sonnet-5-5')).toMatchObject({
      lifecycle: 'deprecated',
      deprecated_at: '2026-11-01T00:00:00.000Z',
      retires_at: '2027-05-01T00:00:00.000Z',
      limits: { context_window: 400_000, max_output_tokens: 32_000, min_cache_tokens: 512 },
      prices: [{ input: 2, output: 10 }],
      aliases: ['balanced', 'claude-3-5-sonnet-20241022'],
      is_priced: true,
      is_default: false,
    });
    expect(models.get('claude-haiku-5-5')).toMatchObject({
      lifecycle: 'current',
      deprecated_at: null,
      retires_at: null,
      limits: { max_output_tokens: 64_000 },
      is_default: true,
    });
    expect(models.get('claude-opus-5')).toMatchObject({ lifecycle: 'retired', is_priced: true });
    expect(models.get('claude-opus-6')).toMatchObject({ lifecycle: 'current', prices: [], is_priced: false });
    expect(models.get('my-model')).toMatchObject({ aliases: ['local'], is_priced: true, prices: [{ input: 0 }] });
  });

  it.each([
    ['fast', 'claude-haiku-5-5'],
    ['best', 'claude-opus-5-5'],
    ['local', 'my-model'],
    [undefined, 'claude-haiku-5-5'],
  ])('POST /llm/generate takes the alias %s for %s and shows the real id', async (model, id) => {
    const { status, body } = await call('POST', '/generate', { user_prompt: 'Hi', model });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: id, warnings: [] });
    expect(server.requests.map((request) => request.model)).toEqual([id]);
    expect(body.usage).toMatchObject({ total_cost_usd: server.totalChargedUsd().toNumber() });
  });

  it('answers by a deprecated model with a warning that says until when', async () => {
    await look({ models: [AGEING] });
    const { body } = await generate('balanced');
    expect(body).toMatchObject({ success: true, model: 'claude-sonnet-5-5' });
    expect(body.warnings).toEqual([expect.stringContaining('2027-05-01')]);
  });

  it('answers for a retired model by the current one of its line, with a warning', async () => {
    await look({ models: [OLD] });
    const { body } = await generate(OLD.id);
    expect(body).toMatchObject({ success: true, model: 'claude-opus-5-5' });
    expect(body.warnings).toEqual([expect.stringContaining(OLD.id)]);
    expect(server.requests.map((request) => request.model)).toEqual(['claude-opus-5-5']);
  });

  it('holds max_tokens against the limit that the provider lists', async () => {
    await look({ models: [AGEING] });
    const { status, body } = await generate('balanced', { max_tokens: 32_001 });
    expect([status, body.error_code]).toEqual([400, 'VALIDATION_ERROR']);
    expect((await generate('balanced', { max_tokens: 32_000 })).status).toBe(200);
  });

  it.each([
    ['claude-9', 'UNKNOWN_MODEL'],
    ['claude-opus-6', 'MODEL_UNPRICED'],
    ['claude-epic-1', 'UNKNOWN_MODEL'],
  ])('refuses %s as %s before anything is written or sent', async (model, code) => {
    await look({ models: [{ id: 'claude-opus-6' }, { id: 'claude-epic-1', lifecycle: 'retired', line: 'epic' }] });
    const rows = (): Promise<unknown[]> =>
      app.app.get(Database, { strict: false }).query(
        `SELECT (SELECT count(*) FROM llm_interactions) AS calls, (SELECT count(*) FROM budget_ledger) AS entries,
                  (SELECT count(*) FROM workflows) AS workflows, (SELECT count(*) FROM budget_scopes) AS scopes`,
      );
    const before = await rows();
    const { status, body } = await generate(model);
    expect([status, body.error_code]).toEqual([400, code]);
    const workflow = await app.request('operator', 'POST', '/api/v1/orchestrator/workflows/execute', {
      input_type: 'user_prompt',
      content: { prompt: 'Hi' },
      execution_context: { execution_preferences: { model } },
    });
    expect([workflow.status, ((await workflow.json()) as Json).error_code]).toEqual([400, code]);
    expect(await rows()).toEqual(before);
    expect(server.requests).toHaveLength(0);
  });

  it('reads a list of many pages', async () => {
    const many = Array.from({ length: 45 }, (_, index) => ({ id: `claude-many-${index}`, lifecycle: 'deprecated' }));
    await look({ models: many, pageSize: 10 });
    const models = await modelsById();
    expect(many.filter(({ id }) => !models.has(id))).toEqual([]);
    expect(server.listRequests.length).toBeGreaterThan(4);
  });

  it.each<[string, ModelListing]>([
    ['an error', { status: 500 }],
    ['no list', { status: 404 }],
    ['no JSON', { malformed: true }],
    ['another form', { body: { object: 'models' } }],
    ['an empty list', { body: { data: [], has_more: false } }],
    ['no object', { body: 7 }],
    ['an entry that is none', { body: { data: ['claude-9'], has_more: false } }],
    ['an entry without an id', { models: [{ id: '' }] }],
    ['a limit that is none', { models: [{ id: 'claude-9', max_tokens: -1 }] }],
    ['a date that is none', { models: [{ id: 'claude-9', retires_at: 'soon' }] }],
    ['a list without an end', { body: { data: [{ id: 'again' }], last_id: 'again', has_more: true } }],
  ])('keeps what it knows when the answer is %s', async (_what, listing) => {
    await look({ models: [AGEING] });
    const before = await modelsById();
    await look(listing);
    expect(await modelsById()).toEqual(before);
    await look({});
    expect((await modelsById()).get(AGEING.id)).toMatchObject({ lifecycle: 'current' });
  });

  it('takes the sparse list of a server that only resembles the API', async () => {
    await look({ body: { object: 'list', data: [{ id: 'my-model', object: 'model', owned_by: 'me' }] } });
    expect((await modelsById()).get('my-model')).toMatchObject({ lifecycle: 'current', display_name: 'my-model' });
  });
});

describe('with a list that NYX looks at by itself', () => {
  beforeEach(async () => {
    server = await startModelServer();
  });
  afterEach(() => server.close());

  const start = async (listing: ModelListing): Promise<void> => {
    server.listModels(listing);
    app = await startApp({ environment: 'development', llm: { apiKey: 'test-key', baseUrl: server.url } });
  };

  it('looks at the start, and once after many unknown models', async () => {
    await start({ models: [AGEING] });
    await until('the list is read', async () => (await modelsById()).get(AGEING.id)?.lifecycle === 'deprecated');
    for (const model of ['claude-7', 'claude-8', 'claude-9']) expect((await generate(model)).status).toBe(400);
    await server.waitFor(() => server.listRequests.length === 2);
    expect((await generate('claude-9')).status).toBe(400);
    expect(server.listRequests).toHaveLength(2);
    await app.close();
  });

  it('starts, answers and stops while the list hangs', async () => {
    await start({ hang: true });
    await server.waitFor(() => server.listRequests.length === 1);
    expect((await generate('claude-haiku-5-5')).status).toBe(200);
    expect((await modelsById()).size).toBeGreaterThan(5);
    await app.close();
    await server.waitFor(() => server.listRequests.every(({ outcome }) => outcome === 'client_gone'));
  });
});
