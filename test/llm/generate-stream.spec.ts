import { Decimal } from 'decimal.js';
import { Database } from '../../src/database/database.service.js';
import { IdempotencyStore } from '../../src/http/idempotency/idempotency.store.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';
import { eventsOf, readSlowly } from './event-stream.js';

const GENERATE = '/api/v1/llm/generate';
const LONG = 'The capital of France is Paris, which lies on the Seine. '.repeat(20);

interface Booked {
  readonly status: string;
  readonly error_code: string | null;
  readonly cost_usd: string | null;
  readonly token_count_input: number | null;
  readonly token_count_output: number | null;
  readonly ledger: string;
  readonly reserved_usd: string;
}

const streamOf = (app: TestApp, body: object = {}, headers?: Record<string, string>): Promise<Response> =>
  app.request(
    'operator',
    'POST',
    GENERATE,
    { user_prompt: 'Name the capital of France.', stream: true, ...body },
    headers,
  );

async function lastBookedIn({ app }: TestApp): Promise<Booked> {
  const [row] = await app.get(Database).query<Booked>(
    `SELECT i.status, i.error_code, i.cost_usd, i.token_count_input, i.token_count_output, l.status AS ledger, l.reserved_usd
       FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id ORDER BY i.request_timestamp DESC LIMIT 1`,
  );
  if (row === undefined) throw new Error('There is no call.');
  return row;
}

describe('POST /llm/generate with stream: true', () => {
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

  const stream = (body: object, headers?: Record<string, string>): Promise<Response> => streamOf(app, body, headers);
  const lastBooked = (): Promise<Booked> => lastBookedIn(app);

  it('answers with deltas, then usage, then the whole answer', async () => {
    server.script({ answer: LONG });
    const response = await stream({ temperature: 0.5 });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-cache');
    const events = eventsOf(await response.text());
    const deltas = events.filter(({ event }) => event === 'delta');
    expect(deltas.length).toBeGreaterThan(10);
    expect(deltas.map(({ data }) => data.text).join('')).toBe(LONG);
    const [usage, done] = events.slice(deltas.length);
    expect([usage?.event, done?.event]).toEqual(['usage', 'done']);
    expect(done?.data).toMatchObject({
      content: LONG,
      success: true,
      stop_reason: 'end_turn',
      usage: usage?.data,
      warnings: [expect.stringContaining('temperature')],
    });
    expect(usage?.data.total_cost_usd).toBe(server.totalChargedUsd().toNumber());
  });

  it('tells a refusal by success false, not by an error', async () => {
    server.script({ stopReason: 'refusal' });
    const events = eventsOf(await (await stream({})).text());
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { success: false, stop_reason: 'refusal' } });
  });

  it.each([
    [{ stream: true, user_prompt: '' }, 400, 'VALIDATION_ERROR'],
    [{ model: 'gpt-9' }, 400, 'UNKNOWN_MODEL'],
  ])('answers %j with an ordinary problem', async (body, status, code) => {
    const response = await stream(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ error_code: code });
  });

  it('answers a provider that fails before it begins with an ordinary problem', async () => {
    server.script({ status: 400, errorType: 'invalid_request_error' });
    const response = await stream({});
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error_code: 'LLM_UPSTREAM' });
  });

  it('tries again while the caller has heard nothing', async () => {
    server.script({ answer: 'Paris.' }, { status: 529, retryAfterMs: 1, times: 2 });
    const events = eventsOf(await (await stream({})).text());
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { content: 'Paris.' } });
    expect(server.requests).toHaveLength(3);
  });

  it('names the attempt that answered, when an earlier one broke off before its first word', async () => {
    server.script({ answer: 'Paris.' }, { toolUses: [{ name: 'look', input: {} }], cut: 'body', times: 1 });
    const key = { 'Idempotency-Key': 'second-attempt' };
    const events = eventsOf(await (await stream({}, key)).text());
    expect(server.requests).toHaveLength(2);
    const told = await (await stream({}, key)).json();
    expect(told).toMatchObject({ interaction_id: events.at(-1)?.data.interaction_id });
  });

  it.each([
    ['breaks off', { toolUses: [{ name: 'look', input: {} }], cut: 'body' as const }, 503, 'LLM_UNAVAILABLE'],
    ['cannot be read', { answer: LONG, malformed: true }, 502, 'LLM_UPSTREAM'],
  ])('is answered with an ordinary problem when it %s before its first word', async (_how, behaviour, status, code) => {
    server.script(behaviour);
    const response = await stream({});
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error_code: code });
    expect(await lastBooked()).toMatchObject({ status: 'in_doubt', ledger: 'in_doubt' });
  });

  it.each([
    ['a connection that is cut', { cut: 'body' as const }, 'LLM_UNAVAILABLE'],
    ['an error event', { errorEvent: 'api_error' }, 'LLM_UPSTREAM'],
  ])('ends %s on the way with an error event, never begun anew and in doubt', async (_name, behaviour, code) => {
    server.script({ answer: LONG, ...behaviour });
    const response = await stream({});
    const events = eventsOf(await response.text());
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { error_code: code, error: true, path: GENERATE } });
    expect(events.at(-1)?.data.request_id).toBe(response.headers.get('x-request-id'));
    expect(events.length).toBeGreaterThan(1);
    expect(server.requests).toHaveLength(1);
    expect(await lastBooked()).toMatchObject({ status: 'in_doubt', ledger: 'in_doubt' });
  });

  it('ends the call when the caller goes away, and books at most what had arrived can have cost', async () => {
    server.script({ answer: LONG, eventDelayMs: 20 });
    const leaving = new AbortController();
    const response = await fetch(`${app.url}${GENERATE}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await app.token('operator')}` },
      body: JSON.stringify({ user_prompt: 'Name the capital of France.', stream: true }),
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    await until('the model server sees the caller gone', () => server.requests[0]?.outcome === 'client_gone');
    await until('the call is booked', async () => (await lastBooked()).status === 'failed');
    const booked = await lastBooked();
    expect(booked).toMatchObject({ error_code: 'ABORTED', ledger: 'settled' });
    expect(booked.token_count_output).toBeGreaterThan(0);
    expect(new Decimal(booked.cost_usd ?? 0).gt(0)).toBe(true);
    expect(new Decimal(booked.cost_usd ?? 0).lt(booked.reserved_usd)).toBe(true);
    const [open] = await app.app
      .get(Database)
      .query<{ reserved: string }>('SELECT sum(reserved_usd) AS reserved FROM budget_scopes');
    expect(Number(open?.reserved)).toBe(0);
  });

  it('loses nothing to a slow reader, whose call is settled before it has read', async () => {
    const text = LONG.repeat(30);
    server.script({ answer: text });
    const body = { user_prompt: 'Tell me.', stream: true, max_tokens: 60_000 };
    const answered = await readSlowly(`${app.url}${GENERATE}`, await app.token('operator'), body, 5);
    const events = eventsOf(answered);
    expect(
      events
        .filter(({ event }) => event === 'delta')
        .map(({ data }) => data.text)
        .join(''),
    ).toBe(text);
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { success: true } });
  });

  it('is not given twice to one Idempotency-Key: the second is told where it stands', async () => {
    const key = { 'Idempotency-Key': 'stream-1' };
    const first = eventsOf(await (await stream({}, key)).text());
    const again = await stream({}, key);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({
      error_code: 'CONFLICT',
      interaction_id: first.at(-1)?.data.interaction_id,
    });
    expect((await stream({ max_tokens: 9 }, key)).status).toBe(422);
    expect(server.requests).toHaveLength(1);
  });
});

it('a stream whose answer does not end is ended, with an error event', async () => {
  const server = await startModelServer();
  const app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url, timeoutSeconds: 5 } });
  try {
    server.script({ answer: LONG, eventDelayMs: 1_000 });
    const events = eventsOf(await (await streamOf(app)).text());
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { error_code: 'LLM_UNAVAILABLE' } });
    expect(await lastBookedIn(app)).toMatchObject({ status: 'failed', ledger: 'settled' });
  } finally {
    await app.close();
    await server.close();
  }
}, 120_000);

describe('a caller of /llm/generate who goes away', () => {
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

  const leave = async (headers: Record<string, string>): Promise<void> => {
    const leaving = new AbortController();
    const call = fetch(`${app.url}${GENERATE}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await app.token('operator')}`,
        ...headers,
      },
      body: JSON.stringify({ user_prompt: 'Hello?' }),
      signal: leaving.signal,
    }).catch(() => undefined);
    await server.waitFor(1);
    leaving.abort();
    await call;
  };

  it('ends it, unless an Idempotency-Key lets the caller come back for the answer', async () => {
    server.script({ hold: 'later' });
    await leave({});
    await until('the call is ended', () => server.requests[0]?.outcome === 'client_gone');
    server.reset();
    server.script({ hold: 'later', answer: 'Here.' });
    const key = { 'Idempotency-Key': 'come-back' };
    await leave(key);
    server.release('later');
    const back = await app.request('operator', 'POST', GENERATE, { user_prompt: 'Hello?' }, key);
    expect(await back.json()).toMatchObject({ content: 'Here.', success: true });
    expect(server.requests).toHaveLength(1);
  });

  it('is answered once to one Idempotency-Key, also when the database goes away before that is written', async () => {
    const store = app.app.get(IdempotencyStore);
    const complete = store.complete.bind(store);
    let failures = 2;
    store.complete = (...given) => {
      failures -= 1;
      return failures < 0 ? complete(...given) : Promise.reject(new Error('Connection terminated unexpectedly'));
    };
    server.reset();
    const key = { 'Idempotency-Key': 'outage' };
    const once = await app.request('operator', 'POST', GENERATE, { user_prompt: 'Hello?' }, key);
    expect(once.status).toBe(200);
    const again = await app.request('operator', 'POST', GENERATE, { user_prompt: 'Hello?' }, key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(server.requests).toHaveLength(1);
  });
});
