import { Decimal } from 'decimal.js';
import { newId } from '../../src/database/ids.js';
import type { LlmAnswer } from '../../src/llm/llm-call.js';
import { until } from '../support/until.js';
import { CITY_SCHEMA, GatewayRoom, problemOf } from './gateway-room.js';

const room = GatewayRoom.forThisFile();

describe('an answered call', () => {
  it('is a row, a settled reservation and exact money', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ answer: 'Paris.' });
    const answer = await room.gateway.call(room.fixture.callFor(workflow, { system: 'Be short.' }));
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
    expect(answer.costUsd.toFixed()).toBe(room.server.totalChargedUsd().toFixed());
    const [row] = await room.fixture.interactions();
    expect(row).toMatchObject({
      id: answer.interactionId,
      status: 'succeeded',
      success: true,
      response_text: 'Paris.',
    });
    expect(row?.cost_usd).toBe(answer.costUsd.toFixed(10));
    expect(row?.provider_request_id).toMatch(/./);
    const [entry] = await room.fixture.ledger();
    expect(entry).toMatchObject({
      interaction_id: answer.interactionId,
      status: 'settled',
      executor_id: room.fixture.executor.id,
    });
    expect(entry?.scope_ids).toHaveLength(4);
    expect(new Decimal(entry?.reserved_usd ?? 0).gte(answer.costUsd)).toBe(true);
    for (const scope of [await room.fixture.scope('workflow', workflow), await room.fixture.scope('system_day')]) {
      expect(scope).toMatchObject({ spent_usd: answer.costUsd.toFixed(10), reserved_usd: '0.0000000000' });
    }
  });

  it('is sent as the API wants it: no temperature, output format, max_tokens', async () => {
    room.server.script({ answer: { city: 'Paris' } });
    const answer = await room.gateway.call(
      room.fixture.callFor(undefined, { output: { name: 'city', schema: CITY_SCHEMA }, maxTokens: 77 }),
    );
    expect(answer.json).toEqual({ city: 'Paris' });
    expect(room.server.requests[0]?.body).toEqual({
      model: 'claude-haiku-5-5',
      max_tokens: 77,
      stream: true,
      messages: [{ role: 'user', content: 'Name the capital of France.' }],
      output_config: { format: { type: 'json_schema', schema: CITY_SCHEMA } },
    });
    expect((await room.fixture.interactions())[0]?.response).toEqual({ city: 'Paris' });
  });

  it('is written and paid before commit sees it, in one transaction with the caller’s rows', async () => {
    const workflow = await room.fixture.workflow();
    const seen: LlmAnswer[] = [];
    const answer = await room.gateway.call(
      room.fixture.callFor(workflow, {
        commit: async (tx, given) => {
          seen.push(given);
          await tx.query(`UPDATE workflows SET goal = 'committed' WHERE id = $1`, [workflow]);
        },
      }),
    );
    expect(seen).toEqual([answer]);
    const goals = await room.fixture.database.query('SELECT goal FROM workflows WHERE id = $1', [workflow]);
    expect(goals).toEqual([{ goal: 'committed' }]);
  });

  it('pays cache writes and reads at their own prices', async () => {
    const system = 'You know everything about the capitals of Europe. '.repeat(200);
    const call = room.fixture.callFor(undefined, { system, reuse: { system: { uses: 2, gapSeconds: 60 } } });
    const [first, second] = [await room.gateway.call(call), await room.gateway.call(call)];
    expect(first.usage.cacheCreationInputTokens).toBeGreaterThan(1000);
    expect(second.usage.cacheReadInputTokens).toBe(first.usage.cacheCreationInputTokens);
    expect(second.cached).toBe(true);
    expect(first.costUsd.gt(first.costWithoutCacheUsd)).toBe(true);
    expect(second.costUsd.lt(second.costWithoutCacheUsd)).toBe(true);
    expect(first.costUsd.plus(second.costUsd).toFixed()).toBe(room.server.totalChargedUsd().toFixed());
    expect((await room.fixture.interactions())[1]).toMatchObject({ uses_prompt_caching: true, cache_hit: true });
  });

  it.each([
    ['refusal', 'LLM_REFUSED'],
    ['max_tokens', 'LLM_TRUNCATED'],
    ['model_context_window_exceeded', 'LLM_TRUNCATED'],
    ['pause_turn', 'LLM_PAUSED'],
  ])('that stopped with %s is paid and no success', async (stopReason, code) => {
    room.server.script({ answer: '{"city":"Pa', stopReason });
    const answer = await room.gateway.call(
      room.fixture.callFor(undefined, { output: { name: 'city', schema: CITY_SCHEMA } }),
    );
    expect(answer.fault?.code).toBe(code);
    expect(answer.json).toBeUndefined();
    expect(answer.costUsd.toFixed()).toBe(room.server.totalChargedUsd().toFixed());
    expect((await room.fixture.interactions())[0]).toMatchObject({
      status: 'succeeded',
      success: false,
      error_code: code,
    });
    expect(await room.ledgerStates()).toEqual(['settled']);
  });

  it('that is not the JSON asked for is paid and no success', async () => {
    room.server.script({ answer: 'Paris, of course' });
    const answer = await room.gateway.call(
      room.fixture.callFor(undefined, { output: { name: 'city', schema: CITY_SCHEMA } }),
    );
    expect(answer.fault?.code).toBe('LLM_MALFORMED_OUTPUT');
    expect(room.messages()).toBe(1);
  });

  it('with characters that PostgreSQL cannot hold is stored all the same', async () => {
    room.server.script({ answer: { city: 'Pa\u0000ris \ud800' } });
    const answer = await room.gateway.call(
      room.fixture.callFor(undefined, { output: { name: 'city', schema: CITY_SCHEMA } }),
    );
    expect(answer.json).toEqual({ city: 'Pa\uFFFDris \uFFFD' });
    expect(await room.states()).toEqual(['succeeded']);
  });
});

describe('a failing provider', () => {
  it.each([
    ['429 with retry-after', { status: 429, errorType: 'rate_limit_error', retryAfterMs: 20 }],
    ['529', { status: 529, errorType: 'overloaded_error', retryAfterMs: 10 }],
    ['500', { status: 500, errorType: 'api_error', retryAfterMs: 10 }],
  ])('%s is tried again; the failed attempt is a row and its reservation void', async (_name, behaviour) => {
    room.server.script({ answer: 'Paris.' }, { ...behaviour, times: 1 });
    const answer = await room.gateway.call(room.fixture.callFor(undefined));
    expect(answer).toMatchObject({ text: 'Paris.', retryCount: 1 });
    expect(await room.states()).toEqual(['failed', 'succeeded']);
    expect(await room.ledgerStates()).toEqual(['voided', 'settled']);
    expect((await room.fixture.interactions())[0]).toMatchObject({
      success: false,
      cost_usd: '0.0000000000',
      retry_count: 0,
    });
    expect((await room.fixture.scope('system_day')).spent_usd).toBe(room.server.totalChargedUsd().toFixed(10));
  });

  it('waits as long as it is told to', async () => {
    room.server.script({ answer: 'Paris.' }, { status: 429, retryAfterSeconds: 1, times: 1 });
    const startedAt = performance.now();
    await room.gateway.call(room.fixture.callFor(undefined));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('is given up after three attempts, each with its own row', async () => {
    room.server.script({ status: 500, errorType: 'api_error', errorMessage: 'it broke', retryAfterMs: 5 });
    const problem = await problemOf(room.gateway.call(room.fixture.callFor(undefined)));
    expect(problem.code).toBe('LLM_UPSTREAM');
    expect(problem.detail).toContain('it broke');
    expect(problem.options.extensions).toMatchObject({
      attempts: 3,
      upstream_status: 500,
      upstream_error_type: 'api_error',
    });
    expect(room.messages()).toBe(3);
    expect(await room.states()).toEqual(['failed', 'failed', 'failed']);
    expect(await room.ledgerStates()).toEqual(['voided', 'voided', 'voided']);
  });

  it('that is overloaded to the end is unavailable, with the wait it asked for', async () => {
    room.server.script({ status: 529, errorType: 'overloaded_error', retryAfterMs: 5 });
    const problem = await problemOf(room.gateway.call(room.fixture.callFor(undefined)));
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
    room.server.script(behaviour);
    expect((await problemOf(room.gateway.call(room.fixture.callFor(undefined)))).code).toBe(code);
    expect(room.messages()).toBe(1);
    expect(await room.ledgerStates()).toEqual(['voided']);
  });

  it('that cuts the connection leaves the attempt in doubt and is asked again', async () => {
    room.server.script({ answer: 'Paris.' }, { cut: 'before', times: 1 }, { cut: 'body', times: 1 });
    const answer = await room.gateway.call(room.fixture.callFor(undefined));
    expect(answer.retryCount).toBe(2);
    expect(await room.states()).toEqual(['in_doubt', 'in_doubt', 'succeeded']);
    expect(await room.ledgerStates()).toEqual(['in_doubt', 'in_doubt', 'settled']);
    const { in_doubt_usd: inDoubt } = await room.fixture.scope('system_day');
    const reserved = (await room.fixture.ledger()).slice(0, 2).map((entry) => entry.reserved_usd);
    expect(Number(inDoubt)).toBeCloseTo(Decimal.sum(...reserved).toNumber(), 10);
    expect((await room.fixture.interactions())[0]?.cost_usd).toBeNull();
  });

  it('tells the caller of each that failed, and of none that an administrator ended', async () => {
    const workflowId = await room.fixture.workflow();
    const failed: number[] = [];
    const call = (): Promise<LlmAnswer> =>
      room.gateway.call(
        room.fixture.callFor(workflowId, { stepKey: newId(), listener: { onFailed: (ms) => failed.push(ms) } }),
      );
    room.server.script({ answer: 'Paris.' }, { cut: 'before', times: 1 }, { cut: 'body', times: 1 });
    await call();
    expect(failed.map((ms) => ms > 0)).toEqual([true, true]);
    room.server.script({ answer: 'Paris.' }, { hang: true, times: 1 });
    const stopped = call();
    await until('the attempt is there', () => room.messages() === 4);
    await room.fixture.settings.orderLlmAbort();
    expect((await stopped).retryCount).toBe(1);
    expect(failed).toHaveLength(2);
  });

  it('that does not answer in time is in doubt', async () => {
    room.server.script({ answer: 'Paris.' }, { hang: true, times: 1 });
    const answer = await room.gateway.call(room.fixture.callFor(undefined, { timeoutMs: 1_000 }));
    expect(answer.retryCount).toBe(1);
    expect((await room.fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'LLM_UNAVAILABLE' });
    expect((await room.fixture.interactions())[0]?.error_message).toContain('1000 ms');
  });

  it('whose 200 cannot be read is in doubt, and not asked again', async () => {
    room.server.script({ malformed: true });
    expect((await problemOf(room.gateway.call(room.fixture.callFor(undefined)))).code).toBe('LLM_UPSTREAM');
    expect(room.messages()).toBe(1);
    expect(await room.ledgerStates()).toEqual(['in_doubt']);
  });

  it('that nobody listens for costs nothing', async () => {
    // A port that no server of a test is ever given, and that `fetch` does not refuse as it does 1.
    const nobody = room.fixture.gateway({ url: 'http://127.0.0.1:2' });
    const problem = await problemOf(nobody.call(room.fixture.callFor(undefined)));
    expect(problem.code).toBe('LLM_UNAVAILABLE');
    expect(await room.ledgerStates()).toEqual(['voided', 'voided', 'voided']);
  });
});

describe('an aborted call', () => {
  it('is in doubt when it was on its way', async () => {
    const controller = new AbortController();
    room.server.script({ hang: true });
    const call = room.gateway.call(room.fixture.callFor(undefined, { signal: controller.signal }));
    await room.server.waitFor(1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect((await room.fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'ABORTED' });
    expect(await room.ledgerStates()).toEqual(['in_doubt']);
  });

  it('leaves nothing when it was aborted before', async () => {
    await expect(
      room.gateway.call(room.fixture.callFor(undefined, { signal: AbortSignal.abort() })),
    ).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await room.states()).toEqual([]);
  });

  it('gives its reservation back when it was aborted between reserving and sending', async () => {
    const controller = new AbortController();
    const fence = (): void => controller.abort();
    const call = room.gateway.call(room.fixture.callFor(undefined, { signal: controller.signal, fence }));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(room.messages()).toBe(0);
    expect(await room.ledgerStates()).toEqual(['voided']);
  });

  it('stops waiting for the next attempt', async () => {
    const controller = new AbortController();
    room.server.script({ status: 529, retryAfterSeconds: 20 });
    const call = room.gateway.call(room.fixture.callFor(undefined, { signal: controller.signal }));
    await until('the first attempt has ended', async () => (await room.ledgerStates())[0] === 'voided');
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await room.ledgerStates()).toEqual(['voided']);
  });
});

describe('what is refused before it is reserved', () => {
  it.each([
    [{ model: 'gpt-9' }, 'UNKNOWN_MODEL'],
    [{ model: 'claude-fable-5-2' }, 'MODEL_UNPRICED'],
    [{ maxTokens: 0 }, 'VALIDATION_ERROR'],
    [{ maxTokens: 128_001 }, 'VALIDATION_ERROR'],
  ])('%j', async (more, code) => {
    expect((await problemOf(room.gateway.call(room.fixture.callFor(undefined, more)))).code).toBe(code);
    expect(await room.states()).toEqual([]);
  });

  it('an old id is answered by the current model of its line, with a warning', async () => {
    const answer = await room.gateway.call(room.fixture.callFor(undefined, { model: 'claude-3-5-sonnet-20241022' }));
    expect(answer.model).toBe('claude-sonnet-5-5');
    expect(answer.warnings[0]).toContain('claude-3-5-sonnet-20241022');
  });
});

describe('offline', () => {
  it('answers for nothing, says so, and is a row like any other', async () => {
    const workflow = await room.fixture.workflow('0.0000000001');
    const answer = await room.fixture.gateway().call(room.fixture.callFor(workflow));
    expect(answer).toMatchObject({ provider: 'offline', model: 'claude-haiku-5-5', stopReason: 'end_turn' });
    expect(answer.costUsd.isZero()).toBe(true);
    expect(answer.warnings.join()).toContain('offline');
    expect(await room.states()).toEqual(['succeeded']);
    expect(await room.ledgerStates()).toEqual(['settled']);
  });
});

it('attempts that take too long together are not followed by another', async () => {
  room.server.script({ hang: true });
  // The shortest wait before the second attempt is longer than what is left.
  const call = room.gateway.call(room.fixture.callFor(undefined, { timeoutMs: 1_000, wholeTimeoutMs: 1_250 }));
  expect((await problemOf(call)).code).toBe('LLM_UNAVAILABLE');
  expect(room.server.requests).toHaveLength(1);
});
