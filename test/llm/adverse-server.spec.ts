import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import type { Rule } from '../support/model-server-script.js';
import { eventsOf } from './event-stream.js';

interface Outcome {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The answer, or the problem, in whichever form it comes. */
async function outcomeOf(app: TestApp, stream: boolean): Promise<Outcome> {
  const response = await app.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Where?', stream });
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  const last = isStream ? eventsOf(text).at(-1)?.data : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, body: last ?? {} };
}
const ANSWER = { answer: 'Paris lies on the Seine, as everybody knows.' };

/** What a model server can do to a caller, each asked for as a whole answer and as a stream. */
describe.each([false, true])('a model server that misbehaves, with stream: %s', (stream) => {
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

  const generate = (...rules: Rule[]): Promise<Outcome> => {
    server.script(ANSWER, ...rules);
    return outcomeOf(app, stream);
  };
  const calls = (): number => server.requests.length;

  it('with a 429 and retry-after is asked again', async () => {
    const { status, body } = await generate({ status: 429, retryAfterMs: 5, times: 2 });
    expect([status, body.success, calls()]).toEqual([200, true, 3]);
  });

  it.each(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])(
    'with a 429 of %s is asked once',
    async (errorCode) => {
      const { status, body } = await generate({ status: 429, errorCode, retryAfterMs: 5 });
      expect([status, body.error_code, body.upstream_error_code, calls()]).toEqual([
        503,
        'LLM_UNAVAILABLE',
        errorCode,
        1,
      ]);
    },
  );

  it('with 529 to the end is unavailable after as many attempts as there may be', async () => {
    const { status, body } = await generate({ status: 529, retryAfterMs: 5 });
    expect([status, body.error_code, body.upstream_status, calls()]).toEqual([503, 'LLM_UNAVAILABLE', 529, 3]);
  });

  it('that cuts the connection before it answers is asked again', async () => {
    const { status, body } = await generate({ cut: 'before', times: 1 });
    expect([status, body.success, calls()]).toEqual([200, true, 2]);
  });

  it.each<[string, Rule, number, string]>([
    ['cuts the connection', { cut: 'body', times: 1 }, 2, 'LLM_UNAVAILABLE'],
    ['sends an error event after its 200', { errorEvent: 'overloaded_error', times: 1 }, 2, 'LLM_UNAVAILABLE'],
    ['sends what cannot be read', { malformed: true, times: 1 }, 1, 'LLM_UPSTREAM'],
  ])(
    'that in the middle of its answer %s is asked again only where nobody heard it',
    async (_name, rule, whole, code) => {
      const { body } = await generate(rule);
      if (stream || whole === 1) expect([body.error_code, calls()]).toEqual([code, 1]);
      else expect([body.success, calls()]).toEqual([true, whole]);
    },
  );

  it.each([
    ['refusal', false],
    ['max_tokens', false],
    ['model_context_window_exceeded', false],
    ['pause_turn', false],
    ['stop_sequence', true],
    ['end_turn', true],
  ])('that stops with %s has its answer told apart: success %s', async (stopReason, success) => {
    const { status, body } = await generate({ answer: 'Paris', stopReason });
    expect([status, body.success, body.stop_reason]).toEqual([200, success, stopReason]);
    expect((body.warnings as string[]).length).toBe(success ? 0 : 1);
  });
});

it('a model server that hangs is asked again, and answers in the end', async () => {
  const server = await startModelServer();
  const app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url, firstTokenTimeoutSeconds: 3 } });
  try {
    for (const stream of [false, true]) {
      server.reset();
      server.script(ANSWER, { hang: true, times: 1 });
      const { status, body } = await outcomeOf(app, stream);
      expect([stream, status, body.success, server.requests.length]).toEqual([stream, 200, true, 2]);
    }
  } finally {
    await app.close();
    await server.close();
  }
}, 120_000);
