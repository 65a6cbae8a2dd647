import { Decimal } from 'decimal.js';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import type { Transaction } from '../../src/database/sql.js';
import { Problem } from '../../src/http/problem.js';
import type { LlmCall } from '../../src/llm/llm-call.js';
import { CITY_SCHEMA, GatewayRoom, problemOf } from './gateway-room.js';

const room = GatewayRoom.forThisFile();

describe('budgets', () => {
  it('refuse before anything is sent, and leave no row', async () => {
    const workflow = await room.fixture.workflow('0.00001');
    const problem = await problemOf(room.gateway.call(room.fixture.callFor(workflow)));
    expect(problem.code).toBe('BUDGET_EXCEEDED');
    expect(problem.options.extensions).toMatchObject({
      scope: 'workflow',
      limit_usd: 0.00001,
      spent_usd: 0,
      reserved_usd: 0,
      in_doubt_usd: 0,
      remaining_usd: 0.00001,
    });
    expect(room.server.requests).toHaveLength(0);
    expect(await room.states()).toEqual([]);
    expect(await room.fixture.ledger()).toEqual([]);
  });

  it('ask for a count only when the bound would refuse, and let the call through when it then fits', async () => {
    const workflow = await room.fixture.workflow('0.0003');
    const prompt = 'word '.repeat(600);
    const answer = await room.gateway.call(room.fixture.callFor(workflow, { prompt }));
    expect(room.server.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens', '/v1/messages']);
    const [entry] = await room.fixture.ledger();
    expect(new Decimal(entry?.reserved_usd ?? 0).lte('0.0003')).toBe(true);
    expect(new Decimal(entry?.reserved_usd ?? 0).gte(answer.costUsd)).toBe(true);
  });

  it('hold under 50 parallel calls', async () => {
    const workflow = await room.fixture.workflow('0.005');
    room.server.script({ answer: 'Paris.', delayMs: 20 });
    const calls = Array.from({ length: 50 }, () =>
      room.gateway.call(room.fixture.callFor(workflow, { maxTokens: 2000 })),
    );
    const ended = await Promise.allSettled(calls);
    const refused = ended.filter((end) => end.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((end) => end.reason instanceof Problem && end.reason.code === 'BUDGET_EXCEEDED')).toBe(true);
    const scope = await room.fixture.scope('workflow', workflow);
    expect(scope).toMatchObject({ spent_usd: room.server.totalChargedUsd().toFixed(10), reserved_usd: '0.0000000000' });
    expect(await room.fixture.interactions()).toHaveLength(50 - refused.length);
  });
});

describe('a durable step', () => {
  const stepKey = 'plan:1';
  const stepCall = (workflow: string, more: Partial<LlmCall> = {}): LlmCall =>
    room.fixture.callFor(workflow, { stepKey, ...more });

  it('that was settled is answered from its row', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ answer: { city: 'Paris' } });
    const output = { name: 'city', schema: CITY_SCHEMA };
    const first = await room.gateway.call(stepCall(workflow, { output }));
    const again = await room.fixture.gateway(room.server, new ExecutorIdentity()).call(stepCall(workflow, { output }));
    const { costUsd, costWithoutCacheUsd } = again;
    expect(again).toEqual({ ...first, costUsd, costWithoutCacheUsd });
    expect(costWithoutCacheUsd.eq(first.costWithoutCacheUsd)).toBe(true);
    expect(again.costUsd.eq(first.costUsd)).toBe(true);
    expect(room.messages()).toBe(1);
    expect(await room.fixture.ledger()).toHaveLength(1);
  });

  it('that was answered with a refusal is answered so again', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ answer: '', stopReason: 'refusal' });
    const first = await room.gateway.call(stepCall(workflow));
    expect((await room.gateway.call(stepCall(workflow))).fault).toEqual(first.fault);
    expect(room.messages()).toBe(1);
  });

  it('that a crash left open is put in doubt and called again', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ answer: 'Paris.' }, { answer: 'Paris.', hold: 'frozen', times: 1 });
    let entries = 0;
    const fence = (): void => {
      if ((entries += 1) > 1) throw new Error('fenced');
    };
    const crashed = room.fixture.gateway(room.server).call(stepCall(workflow, { fence }));
    await room.server.waitFor(1);
    const answer = await room.gateway.call(stepCall(workflow));
    expect(answer.text).toBe('Paris.');
    expect(await room.states()).toEqual(['in_doubt', 'succeeded']);
    expect(await room.ledgerStates()).toEqual(['in_doubt', 'settled']);
    expect(room.messages()).toBe(2);
    room.server.release('frozen');
    await expect(crashed).rejects.toThrow('fenced');
    expect(await room.states()).toEqual(['failed', 'succeeded']);
    expect((await room.fixture.scope('workflow', workflow)).spent_usd).toBe(room.server.totalChargedUsd().toFixed(10));
  });

  it('goes on counting after attempts of an earlier entry', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ status: 500, retryAfterMs: 1, times: 3 });
    await problemOf(room.gateway.call(stepCall(workflow)));
    const answer = await room.gateway.call(stepCall(workflow));
    expect(answer.retryCount).toBe(0);
    expect(await room.states()).toEqual(['failed', 'failed', 'failed', 'succeeded']);
  });

  it('is the same row for two who enter it at once', async () => {
    const workflow = await room.fixture.workflow();
    await room.gateway.call(stepCall(workflow));
    const answers = await Promise.all([room.gateway.call(stepCall(workflow)), room.gateway.call(stepCall(workflow))]);
    expect(new Set(answers.map((answer) => answer.interactionId)).size).toBe(1);
    expect(room.messages()).toBe(1);
  });

  it('whose fence refuses is not sent', async () => {
    const workflow = await room.fixture.workflow();
    const fence = (): void => {
      throw new Error('fenced');
    };
    await expect(room.gateway.call(stepCall(workflow, { fence }))).rejects.toThrow('fenced');
    expect(room.server.requests).toHaveLength(0);
    expect(await room.states()).toEqual([]);
  });

  it.each([
    [
      'the fence refuses the answer',
      (seen: { entries: number }): Partial<LlmCall> => ({
        fence: () => {
          seen.entries += 1;
          if (seen.entries > 1) throw new Error('no longer');
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
    const workflow = await room.fixture.workflow();
    await expect(room.gateway.call(stepCall(workflow, refusing({ entries: 0 })))).rejects.toThrow('no longer');
    expect((await room.fixture.interactions())[0]).toMatchObject({
      status: 'failed',
      error_code: 'NOT_WRITTEN',
      response_text: null,
      token_count_input: room.server.charges[0]?.usage.inputTokens,
      token_count_output: room.server.charges[0]?.usage.outputTokens,
    });
    expect((await room.fixture.scope('workflow', workflow)).spent_usd).toBe(room.server.totalChargedUsd().toFixed(10));
    const goals = await room.fixture.database.query('SELECT goal FROM workflows WHERE id = $1', [workflow]);
    expect(goals).toEqual([{ goal: 'test' }]);
  });
});

describe('recovering', () => {
  it('puts what a dead executor left in doubt, and nothing else', async () => {
    const dead = new ExecutorIdentity();
    room.server.script({ hang: true });
    const silent = new AbortController();
    const left = room.fixture
      .gateway(room.server, dead)
      .call(room.fixture.callFor(undefined, { signal: silent.signal }));
    await room.server.waitFor(1);
    expect(await room.gateway.recoverReservations(dead.id)).toBe(1);
    expect(await room.gateway.recoverReservations(dead.id)).toBe(0);
    expect(await room.gateway.recoverReservations(room.fixture.executor.id)).toBe(0);
    expect((await room.fixture.interactions())[0]).toMatchObject({ status: 'in_doubt', error_code: 'OUTCOME_UNKNOWN' });
    silent.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect(await room.ledgerStates()).toEqual(['in_doubt']);
  });

  it('is put right by an executor that was only frozen and gets its answer', async () => {
    const frozen = new ExecutorIdentity();
    room.server.script({ answer: 'Paris.', hold: 'thaw' });
    const call = room.fixture.gateway(room.server, frozen).call(room.fixture.callFor(undefined));
    await room.server.waitFor(1);
    await room.gateway.recoverReservations(frozen.id);
    room.server.release('thaw');
    expect((await call).text).toBe('Paris.');
    expect(await room.states()).toEqual(['succeeded']);
    expect(await room.fixture.scope('system_day')).toMatchObject({
      spent_usd: room.server.totalChargedUsd().toFixed(10),
      in_doubt_usd: '0.0000000000',
    });
  });
});

describe('a database that goes away', () => {
  const cutConnections = () =>
    room.fixture.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );

  it('while the answer is on its way loses neither the answer nor money', async () => {
    const workflow = await room.fixture.workflow();
    room.server.script({ answer: 'Paris.', hold: 'outage' });
    let commits = 0;
    const commit = async (tx: Transaction): Promise<void> => {
      commits += 1;
      if (commits === 1) await cutConnections().then(() => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    };
    const call = room.gateway.call(room.fixture.callFor(workflow, { stepKey: 'outage', commit }));
    await room.server.waitFor(1);
    room.server.release('outage');
    expect((await call).text).toBe('Paris.');
    expect(commits).toBe(2);
    expect(room.messages()).toBe(1);
    expect(await room.states()).toEqual(['succeeded']);
    expect(await room.ledgerStates()).toEqual(['settled']);
  });

  it('while a call is reserved for sends nothing, and gives back what may have been reserved', async () => {
    const fence = (tx: Transaction): void => tx.send('SELECT pg_terminate_backend(pg_backend_pid())');
    await expect(room.gateway.call(room.fixture.callFor(undefined, { fence }))).rejects.toThrow(/terminat/);
    expect(room.messages()).toBe(0);
    expect(await room.states()).toEqual([]);
  });
});
