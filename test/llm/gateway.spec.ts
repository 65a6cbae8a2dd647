import { Decimal } from 'decimal.js';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import type { Transaction } from '../../src/database/sql.js';
import { Problem } from '../../src/http/problem.js';
import type { LlmAnswer, LlmCall } from '../../src/llm/llm-call.js';
import type { LlmGateway } from '../../src/llm/gateway.js';
import { LlmFixture, startModelServer, type ModelServer } from './llm-fixture.js';

let fixture: LlmFixture;
let server: ModelServer;
let gateway: LlmGateway;

beforeAll(async () => {
  [fixture, server] = await Promise.all([LlmFixture.start(), startModelServer()]);
  gateway = fixture.gateway(server);
});
afterAll(async () => {
  await server.close();
  await fixture.close();
});
beforeEach(async () => {
  server.reset();
  await fixture.clear();
});
afterEach(async () => {
  expect(await fixture.inconsistentScopes()).toEqual([]);
});

const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw error;
  return error;
};

const messages = (): number => server.requests.filter(({ path }) => path === '/v1/messages').length;
const states = async (): Promise<string[]> => (await fixture.interactions()).map((row) => row.status);
const ledgerStates = async (): Promise<string[]> => (await fixture.ledger()).map((row) => row.status);

describe('an answered call', () => {
  it('is a row, a settled reservation and exact money', async () => {
    const workflow = await fixture.workflow();
    server.script({ answer: 'Paris.' });
    const answer = await gateway.call(fixture.callFor(workflow, { system: 'Be short.' }));
    expect(answer).toMatchObject({
      text: 'Paris.',
      provider: 'anthropic',
      model: 'claude-haiku-5-5',
      stopReason: 'end_turn',
      retryCount: 0,
      cached: false,
      warnings: [],
      fault: undefined,
    });
    expect(answer.costUsd.toFixed()).toBe(server.totalChargedUsd().toFixed());
    const [row] = await fixture.interactions();
    expect(row).toMatchObject({
      id: answer.interactionId,
      status: 'succeeded',
      success: true,
      response_text: 'Paris.',
    });
    expect(row?.cost_usd).toBe(answer.costUsd.toFixed(10));
    expect(row?.provider_request_id).toMatch(/./);
    const [entry] = await fixture.ledger();
    expect(entry).toMatchObject({
      interaction_id: answer.interactionId,
      status: 'settled',
      executor_id: fixture.executor.id,
    });
    expect(entry?.scope_ids).toHaveLength(2);
    expect(new Decimal(entry?.reserved_usd ?? 0).gte(answer.costUsd)).toBe(true);
    for (const scope of [await fixture.scope('workflow', workflow), await fixture.scope('system_day')]) {
      expect(scope).toMatchObject({ spent_usd: answer.costUsd.toFixed(10), reserved_usd: '0.0000000000' });
    }
  });

  it('is sent as the API wants it: no temperature, output format, max_tokens', async () => {
    server.script({ answer: { city: 'Paris' } });
    const answer = await gateway.call(
      fixture.callFor(undefined, { output: { name: 'city', schema: SCHEMA }, maxTokens: 77 }),
    );
    expect(answer.json).toEqual({ city: 'Paris' });
    expect(server.requests[0]?.body).toEqual({
      model: 'claude-haiku-5-5',
      max_tokens: 77,
      messages: [{ role: 'user', content: 'Name the capital of France.' }],
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    });
    expect((await fixture.interactions())[0]?.response).toEqual({ city: 'Paris' });
  });

  it('is written and paid before commit sees it, in one transaction with the caller’s rows', async () => {
    const workflow = await fixture.workflow();
    const seen: LlmAnswer[] = [];
    const answer = await gateway.call(
      fixture.callFor(workflow, {
        commit: async (tx, given) => {
          seen.push(given);
          await tx.query(`UPDATE workflows SET goal = 'committed' WHERE id = $1`, [workflow]);
        },
      }),
    );
    expect(seen).toEqual([answer]);
    const goals = await fixture.database.query('SELECT goal FROM workflows WHERE id = $1', [workflow]);
    expect(goals).toEqual([{ goal: 'committed' }]);
  });

  it('pays cache writes and reads at their own prices', async () => {
    const system = 'You know everything about the capitals of Europe. '.repeat(200);
    const call = fixture.callFor(undefined, { system, cacheSystem: true });
    const [first, second] = [await gateway.call(call), await gateway.call(call)];
    expect(first.usage.cacheCreationInputTokens).toBeGreaterThan(1000);
    expect(second.usage.cacheReadInputTokens).toBe(first.usage.cacheCreationInputTokens);
    expect(second.cached).toBe(true);
    expect(first.costUsd.gt(first.costWithoutCacheUsd)).toBe(true);
    expect(second.costUsd.lt(second.costWithoutCacheUsd)).toBe(true);
    expect(first.costUsd.plus(second.costUsd).toFixed()).toBe(server.totalChargedUsd().toFixed());
    expect((await fixture.interactions())[1]).toMatchObject({ uses_prompt_caching: true, cache_hit: true });
  });

  it.each([
    ['refusal', 'LLM_REFUSED'],
    ['max_tokens', 'LLM_TRUNCATED'],
    ['model_context_window_exceeded', 'LLM_TRUNCATED'],
    ['pause_turn', 'LLM_UNEXPECTED_STOP'],
  ])('that stopped with %s is paid and no success', async (stopReason, code) => {
    server.script({ answer: '{"city":"Pa', stopReason });
    const answer = await gateway.call(fixture.callFor(undefined, { output: { name: 'city', schema: SCHEMA } }));
    expect(answer.fault?.code).toBe(code);
    expect(answer.json).toBeUndefined();
    expect(answer.costUsd.toFixed()).toBe(server.totalChargedUsd().toFixed());
    expect((await fixture.interactions())[0]).toMatchObject({ status: 'succeeded', success: false, error_code: code });
    expect(await ledgerStates()).toEqual(['settled']);
  });

  it('that is not the JSON asked for is paid and no success', async () => {
    server.script({ answer: 'Paris, of course' });
    const answer = await gateway.call(fixture.callFor(undefined, { output: { name: 'city', schema: SCHEMA } }));
    expect(answer.fault?.code).toBe('LLM_MALFORMED_OUTPUT');
    expect(messages()).toBe(1);
  });

  it('with characters that PostgreSQL cannot hold is stored all the same', async () => {
    server.script({ answer: { city: 'Pa\u0000ris \ud800' } });
    const answer = await gateway.call(fixture.callFor(undefined, { output: { name: 'city', schema: SCHEMA } }));
    expect(answer.json).toEqual({ city: 'Pa\uFFFDris \uFFFD' });
    expect(await states()).toEqual(['succeeded']);
  });
});

describe('a failing provider', () => {
  it.each([
    ['429 with retry-after', { status: 429, errorType: 'rate_limit_error', retryAfterMs: 20 }],
    ['529', { status: 529, errorType: 'overloaded_error', retryAfterMs: 10 }],
    ['500', { status: 500, errorType: 'api_error', retryAfterMs: 10 }],
  ])('%s is tried again; the failed attempt is a row and its reservation void', async (_name, behaviour) => {
    server.script({ answer: 'Paris.' }, { ...behaviour, times: 1 });
    const answer = await gateway.call(fixture.callFor(undefined));
    expect(answer).toMatchObject({ text: 'Paris.', retryCount: 1 });
    expect(await states()).toEqual(['failed', 'succeeded']);
    expect(await ledgerStates()).toEqual(['voided', 'settled']);
    expect((await fixture.interactions())[0]).toMatchObject({
      success: false,
      cost_usd: '0.0000000000',
      retry_count: 0,
    });
    expect((await fixture.scope('system_day')).spent_usd).toBe(server.totalChargedUsd().toFixed(10));
  });

  it('waits as long as it is told to', async () => {
    server.script({ answer: 'Paris.' }, { status: 429, retryAfterSeconds: 1, times: 1 });
    const startedAt = performance.now();
    await gateway.call(fixture.callFor(undefined));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('is given up after three attempts, each with its own row', async () => {
    server.script({ status: 500, errorType: 'api_error', errorMessage: 'it broke', retryAfterMs: 5 });
    const problem = await problemOf(gateway.call(fixture.callFor(undefined)));
    expect(problem.code).toBe('LLM_UPSTREAM');
    expect(problem.detail).toContain('it broke');
    expect(problem.options.extensions).toMatchObject({
      attempts: 3,
      upstream_status: 500,
      upstream_error_type: 'api_error',
    });
    expect(messages()).toBe(3);
    expect(await states()).toEqual(['failed', 'failed', 'failed']);
    expect(await ledgerStates()).toEqual(['voided', 'voided', 'voided']);
  });

  it('that is overloaded to the end is unavailable, with the wait it asked for', async () => {
    server.script({ status: 529, errorType: 'overloaded_error', retryAfterMs: 5 });
    const problem = await problemOf(gateway.call(fixture.callFor(undefined)));
    expect(problem).toMatchObject({ code: 'LLM_UNAVAILABLE', options: { retryAfterSeconds: 1 } });
  });

  it.each([
    [
      'a spend limit',
      { status: 429, errorType: 'rate_limit_error', errorCode: 'enforced_spend_limit_reached' },
      'LLM_UNAVAILABLE',
    ],
    ['x-should-retry: false', { status: 500, shouldRetry: false }, 'LLM_UPSTREAM'],
    ['a bad request', { status: 400, errorType: 'invalid_request_error' }, 'LLM_UPSTREAM'],
    ['a wrong key', { status: 401, errorType: 'authentication_error' }, 'LLM_UPSTREAM'],
  ])('with %s is asked once', async (_name, behaviour, code) => {
    server.script(behaviour);
    expect((await problemOf(gateway.call(fixture.callFor(undefined)))).code).toBe(code);
    expect(messages()).toBe(1);
    expect(await ledgerStates()).toEqual(['voided']);
  });

  it('that cuts the connection leaves the attempt in doubt and is asked again', async () => {
    server.script({ answer: 'Paris.' }, { cut: 'before', times: 1 }, { cut: 'body', times: 1 });
    const answer = await gateway.call(fixture.callFor(undefined));
    expect(answer.retryCount).toBe(2);
    expect(await states()).toEqual(['in_doubt', 'in_doubt', 'succeeded']);
    expect(await ledgerStates()).toEqual(['in_doubt', 'in_doubt', 'settled']);
    const { in_doubt_usd: inDoubt } = await fixture.scope('system_day');
    const reserved = (await fixture.ledger()).slice(0, 2).map((entry) => entry.reserved_usd);
    expect(Number(inDoubt)).toBeCloseTo(Decimal.sum(...reserved).toNumber(), 10);
    expect((await fixture.interactions())[0]?.cost_usd).toBeNull();
  });

  it('that does not answer in time is in doubt', async () => {
    server.script({ answer: 'Paris.' }, { hang: true, times: 1 });
    const answer = await gateway.call(fixture.callFor(undefined, { timeoutMs: 150 }));
    expect(answer.retryCount).toBe(1);
    expect((await fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'LLM_UNAVAILABLE' });
    expect((await fixture.interactions())[0]?.error_message).toContain('150 ms');
  });

  it('whose 200 cannot be read is in doubt, and not asked again', async () => {
    server.script({ malformed: true });
    expect((await problemOf(gateway.call(fixture.callFor(undefined)))).code).toBe('LLM_UPSTREAM');
    expect(messages()).toBe(1);
    expect(await ledgerStates()).toEqual(['in_doubt']);
  });

  it('that nobody listens for costs nothing', async () => {
    const gone = await startModelServer();
    await gone.close();
    const problem = await problemOf(fixture.gateway(gone).call(fixture.callFor(undefined)));
    expect(problem.code).toBe('LLM_UNAVAILABLE');
    expect(await ledgerStates()).toEqual(['voided', 'voided', 'voided']);
  });
});

describe('an aborted call', () => {
  it('is in doubt when it was on its way', async () => {
    const controller = new AbortController();
    server.script({ hang: true });
    const call = gateway.call(fixture.callFor(undefined, { signal: controller.signal }));
    await server.waitFor(1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect((await fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'ABORTED' });
    expect(await ledgerStates()).toEqual(['in_doubt']);
  });

  it('leaves nothing when it was aborted before', async () => {
    await expect(gateway.call(fixture.callFor(undefined, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await states()).toEqual([]);
  });

  it('gives its reservation back when it was aborted between reserving and sending', async () => {
    const controller = new AbortController();
    const fence = (): Promise<void> => {
      controller.abort();
      return Promise.resolve();
    };
    const call = gateway.call(fixture.callFor(undefined, { signal: controller.signal, fence }));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(messages()).toBe(0);
    expect(await ledgerStates()).toEqual(['voided']);
  });

  it('stops waiting for the next attempt', async () => {
    const controller = new AbortController();
    server.script({ status: 529, retryAfterSeconds: 20 });
    const call = gateway.call(fixture.callFor(undefined, { signal: controller.signal }));
    await server.waitFor(1);
    setTimeout(() => controller.abort(), 100);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await ledgerStates()).toEqual(['voided']);
  });
});

describe('budgets', () => {
  it('refuse before anything is sent, and leave no row', async () => {
    const workflow = await fixture.workflow('0.00001');
    const problem = await problemOf(gateway.call(fixture.callFor(workflow)));
    expect(problem.code).toBe('BUDGET_EXCEEDED');
    expect(problem.options.extensions).toMatchObject({
      scope: 'workflow',
      limit_usd: 0.00001,
      spent_usd: 0,
      reserved_usd: 0,
      in_doubt_usd: 0,
      remaining_usd: 0.00001,
    });
    expect(server.requests).toHaveLength(0);
    expect(await states()).toEqual([]);
    expect(await fixture.ledger()).toEqual([]);
  });

  it('ask for a count only when the bound would refuse, and let the call through when it then fits', async () => {
    const workflow = await fixture.workflow('0.0003');
    const prompt = 'word '.repeat(600);
    const answer = await gateway.call(fixture.callFor(workflow, { prompt }));
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens', '/v1/messages']);
    const [entry] = await fixture.ledger();
    expect(new Decimal(entry?.reserved_usd ?? 0).lte('0.0003')).toBe(true);
    expect(new Decimal(entry?.reserved_usd ?? 0).gte(answer.costUsd)).toBe(true);
  });

  it('hold under 50 parallel calls', async () => {
    const workflow = await fixture.workflow('0.005');
    server.script({ answer: 'Paris.', delayMs: 20 });
    const calls = Array.from({ length: 50 }, () => gateway.call(fixture.callFor(workflow, { maxTokens: 2000 })));
    const ended = await Promise.allSettled(calls);
    const refused = ended.filter((end) => end.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((end) => end.reason instanceof Problem && end.reason.code === 'BUDGET_EXCEEDED')).toBe(true);
    const scope = await fixture.scope('workflow', workflow);
    expect(scope).toMatchObject({ spent_usd: server.totalChargedUsd().toFixed(10), reserved_usd: '0.0000000000' });
    expect(await fixture.interactions()).toHaveLength(50 - refused.length);
  });
});

describe('a durable step', () => {
  const stepKey = 'plan:1';
  const stepCall = (workflow: string, more: Partial<LlmCall> = {}): LlmCall =>
    fixture.callFor(workflow, { stepKey, ...more });

  it('that was settled is answered from its row', async () => {
    const workflow = await fixture.workflow();
    server.script({ answer: { city: 'Paris' } });
    const output = { name: 'city', schema: SCHEMA };
    const first = await gateway.call(stepCall(workflow, { output }));
    const again = await fixture.gateway(server, new ExecutorIdentity()).call(stepCall(workflow, { output }));
    const { costUsd, costWithoutCacheUsd } = again;
    expect(again).toEqual({ ...first, costUsd, costWithoutCacheUsd });
    expect(costWithoutCacheUsd.eq(first.costWithoutCacheUsd)).toBe(true);
    expect(again.costUsd.eq(first.costUsd)).toBe(true);
    expect(messages()).toBe(1);
    expect(await fixture.ledger()).toHaveLength(1);
  });

  it('that was answered with a refusal is answered so again', async () => {
    const workflow = await fixture.workflow();
    server.script({ answer: '', stopReason: 'refusal' });
    const first = await gateway.call(stepCall(workflow));
    expect((await gateway.call(stepCall(workflow))).fault).toEqual(first.fault);
    expect(messages()).toBe(1);
  });

  it('that a crash left open is put in doubt and called again', async () => {
    const workflow = await fixture.workflow();
    server.script({ answer: 'Paris.' });
    let entries = 0;
    let die: (reason: Error) => void = () => undefined;
    const frozen = new Promise<void>((_, reject) => (die = reject));
    const fence = (): Promise<void> => ((entries += 1) > 1 ? frozen : Promise.resolve());
    const crashed = fixture.gateway(server).call(stepCall(workflow, { fence }));
    await server.waitFor(1);
    const answer = await gateway.call(stepCall(workflow));
    expect(answer.text).toBe('Paris.');
    expect(await states()).toEqual(['in_doubt', 'succeeded']);
    expect(await ledgerStates()).toEqual(['in_doubt', 'settled']);
    expect(messages()).toBe(2);
    die(new Error('fenced'));
    await expect(crashed).rejects.toThrow('fenced');
    expect(await states()).toEqual(['failed', 'succeeded']);
    expect((await fixture.scope('workflow', workflow)).spent_usd).toBe(server.totalChargedUsd().toFixed(10));
  });

  it('goes on counting after attempts of an earlier entry', async () => {
    const workflow = await fixture.workflow();
    server.script({ status: 500, retryAfterMs: 1, times: 3 });
    await problemOf(gateway.call(stepCall(workflow)));
    const answer = await gateway.call(stepCall(workflow));
    expect(answer.retryCount).toBe(0);
    expect(await states()).toEqual(['failed', 'failed', 'failed', 'succeeded']);
  });

  it('is the same row for two who enter it at once', async () => {
    const workflow = await fixture.workflow();
    await gateway.call(stepCall(workflow));
    const answers = await Promise.all([gateway.call(stepCall(workflow)), gateway.call(stepCall(workflow))]);
    expect(new Set(answers.map((answer) => answer.interactionId)).size).toBe(1);
    expect(messages()).toBe(1);
  });

  it('whose fence refuses is not sent', async () => {
    const workflow = await fixture.workflow();
    const fence = () => Promise.reject(new Error('fenced'));
    await expect(gateway.call(stepCall(workflow, { fence }))).rejects.toThrow('fenced');
    expect(server.requests).toHaveLength(0);
    expect(await states()).toEqual([]);
  });

  it.each([
    [
      'the fence refuses the answer',
      (seen: { entries: number }): Partial<LlmCall> => ({
        fence: () => {
          seen.entries += 1;
          return seen.entries > 1 ? Promise.reject(new Error('no longer')) : Promise.resolve();
        },
      }),
    ],
    [
      'the caller’s rows cannot be written',
      (): Partial<LlmCall> => ({
        commit: async (tx: Transaction) => {
          await tx.query(`UPDATE workflows SET goal = 'half written'`);
          throw new Error('no longer');
        },
      }),
    ],
  ])('books the money without the answer when %s', async (_name, refusing) => {
    const workflow = await fixture.workflow();
    await expect(gateway.call(stepCall(workflow, refusing({ entries: 0 })))).rejects.toThrow('no longer');
    expect((await fixture.interactions())[0]).toMatchObject({
      status: 'failed',
      error_code: 'NOT_WRITTEN',
      response_text: null,
    });
    expect((await fixture.scope('workflow', workflow)).spent_usd).toBe(server.totalChargedUsd().toFixed(10));
    const goals = await fixture.database.query('SELECT goal FROM workflows WHERE id = $1', [workflow]);
    expect(goals).toEqual([{ goal: 'test' }]);
  });
});

describe('recovering', () => {
  it('puts what a dead executor left in doubt, and nothing else', async () => {
    const dead = new ExecutorIdentity();
    server.script({ hang: true });
    const silent = new AbortController();
    const left = fixture.gateway(server, dead).call(fixture.callFor(undefined, { signal: silent.signal }));
    await server.waitFor(1);
    expect(await gateway.recoverReservations(dead.id)).toBe(1);
    expect(await gateway.recoverReservations(dead.id)).toBe(0);
    expect(await gateway.recoverReservations(fixture.executor.id)).toBe(0);
    expect((await fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'OUTCOME_UNKNOWN' });
    silent.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect(await ledgerStates()).toEqual(['in_doubt']);
  });

  it('is put right by an executor that was only frozen and gets its answer', async () => {
    const frozen = new ExecutorIdentity();
    server.script({ answer: 'Paris.', hold: 'thaw' });
    const call = fixture.gateway(server, frozen).call(fixture.callFor(undefined));
    await server.waitFor(1);
    await gateway.recoverReservations(frozen.id);
    server.release('thaw');
    expect((await call).text).toBe('Paris.');
    expect(await states()).toEqual(['succeeded']);
    expect(await fixture.scope('system_day')).toMatchObject({
      spent_usd: server.totalChargedUsd().toFixed(10),
      in_doubt_usd: '0.0000000000',
    });
  });
});

describe('a database that goes away', () => {
  const cutConnections = () =>
    fixture.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );

  it('while the answer is on its way loses neither the answer nor money', async () => {
    const workflow = await fixture.workflow();
    server.script({ answer: 'Paris.', hold: 'outage' });
    let commits = 0;
    const commit = async (tx: Transaction): Promise<void> => {
      commits += 1;
      if (commits === 1) await cutConnections().then(() => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    };
    const call = gateway.call(fixture.callFor(workflow, { stepKey: 'outage', commit }));
    await server.waitFor(1);
    server.release('outage');
    expect((await call).text).toBe('Paris.');
    expect(commits).toBe(2);
    expect(messages()).toBe(1);
    expect(await states()).toEqual(['succeeded']);
    expect(await ledgerStates()).toEqual(['settled']);
  });

  it('while a call is reserved for sends nothing, and gives back what may have been reserved', async () => {
    const fence = async (tx: Transaction): Promise<void> => {
      await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    };
    await expect(gateway.call(fixture.callFor(undefined, { fence }))).rejects.toThrow(/terminat/);
    expect(messages()).toBe(0);
    expect(await states()).toEqual([]);
  });
});

describe('what is refused before it is reserved', () => {
  it.each([
    [{ model: 'gpt-9' }, 'UNKNOWN_MODEL'],
    [{ model: 'claude-fable-5-2' }, 'MODEL_UNPRICED'],
    [{ maxTokens: 0 }, 'VALIDATION_ERROR'],
    [{ maxTokens: 128_001 }, 'VALIDATION_ERROR'],
  ])('%j', async (more, code) => {
    expect((await problemOf(gateway.call(fixture.callFor(undefined, more)))).code).toBe(code);
    expect(await states()).toEqual([]);
  });

  it('an old id is answered by the current model of its line, with a warning', async () => {
    const answer = await gateway.call(fixture.callFor(undefined, { model: 'claude-3-5-sonnet-20241022' }));
    expect(answer.model).toBe('claude-sonnet-5-5');
    expect(answer.warnings[0]).toContain('claude-3-5-sonnet-20241022');
  });
});

describe('offline', () => {
  it('answers for nothing, says so, and is a row like any other', async () => {
    const workflow = await fixture.workflow('0.0000000001');
    const answer = await fixture.gateway().call(fixture.callFor(workflow));
    expect(answer).toMatchObject({ provider: 'offline', model: 'claude-haiku-5-5', stopReason: 'end_turn' });
    expect(answer.costUsd.isZero()).toBe(true);
    expect(answer.warnings.join()).toContain('offline');
    expect(await states()).toEqual(['succeeded']);
    expect(await ledgerStates()).toEqual(['settled']);
  });
});
