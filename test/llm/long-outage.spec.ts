import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database.service.js';
import { until } from '../support/until.js';
import { GatewayRoom } from './gateway-room.js';

describe('a database that stays away for longer than a caller is kept waiting', () => {
  const room = GatewayRoom.forThisFile();
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  let refusals = 0;
  const goneFor = (database: Database): (() => void) => {
    const transaction = database.transaction.bind(database);
    refusals = 0;
    database.transaction = () => {
      refusals += 1;
      return Promise.reject(new Error('Connection terminated unexpectedly'));
    };
    return () => (database.transaction = transaction);
  };

  beforeEach(() => (AbortSignal.timeout = (ms) => timeout(ms / 1000)));
  afterEach(() => (AbortSignal.timeout = timeout));

  it.each([
    ['an answer', { hold: 'outage' }, 'settled', 'NOT_WRITTEN'],
    ['a failure', { hold: 'outage', status: 400 }, 'voided', 'LLM_UPSTREAM'],
  ])('costs the answer, and %s is booked all the same when it is back', async (_what, rule, ledger, errorCode) => {
    room.server.script(rule);
    const call = room.gateway.call(room.fixture.callFor(undefined));
    const refused = expect(call).rejects.toThrow('Connection terminated');
    await room.server.waitFor(1);
    const comeBack = goneFor(room.fixture.database);
    room.server.release('outage');
    await refused;
    comeBack();
    await until('it is booked', async () => (await room.ledgerStates())[0] === ledger, 5000);
    expect(await room.fixture.interactions()).toMatchObject([{ status: 'failed', error_code: errorCode }]);
    expect((await room.fixture.scope('system_day')).spent_usd).toBe(room.server.totalChargedUsd().toFixed(10));
  });

  /** A durable step whose answer comes while the database is away for longer than others are kept waiting. */
  const answeredMeanwhile = async (signal?: AbortSignal) => {
    room.server.script({ hold: 'outage', answer: 'Paris.' });
    const workflow = await room.fixture.workflow();
    const call = room.gateway.call(room.fixture.callFor(workflow, { stepKey: 'plan:1', signal }));
    call.catch(() => undefined);
    await room.server.waitFor(1);
    const comeBack = goneFor(room.fixture.database);
    room.server.release('outage');
    await until('the answer could not be written', () => refusals > 0);
    await sleep(500);
    return { call, comeBack };
  };

  it('costs a durable step nothing', async () => {
    const { call, comeBack } = await answeredMeanwhile();
    comeBack();
    expect((await call).text).toBe('Paris.');
    expect(await room.ledgerStates()).toEqual(['settled']);
  });

  it('keeps no durable step that is ended meanwhile, and the answer is booked when it is back', async () => {
    const step = new AbortController();
    const { call, comeBack } = await answeredMeanwhile(step.signal);
    step.abort();
    await expect(call).rejects.toThrow('Connection terminated');
    comeBack();
    await until('it is booked', async () => (await room.ledgerStates())[0] === 'settled', 5000);
    expect(await room.fixture.interactions()).toMatchObject([{ status: 'failed', error_code: 'NOT_WRITTEN' }]);
  });
});
