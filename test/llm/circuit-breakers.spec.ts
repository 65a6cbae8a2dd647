import { setTimeout as sleep } from 'node:timers/promises';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { CircuitBreakers } from '../../src/llm/guards/circuit-breakers.js';
import { ProviderFailure } from '../../src/llm/providers/provider.js';
import { problemOf } from './gateway-room.js';
import { LlmFixture, startModelServer } from './llm-fixture.js';

const { jest } = import.meta;

const broken = new ProviderFailure('broken', 'unknown');
const left = new ProviderFailure('left', 'unknown', { endedByCaller: true });

describe('a circuit breaker', () => {
  let breakers: CircuitBreakers;

  beforeEach(() => {
    const defaults = configOf({ NODE_ENV: 'test' }, '.');
    const llm = { ...defaults.llm, breakerFailures: 2, breakerProbeSeconds: 0.02 };
    breakers = new CircuitBreakers(Object.assign(new AppConfig(), defaults, { llm }));
  });

  const run = (outcome: ProviderFailure | 'answer'): Promise<unknown> =>
    breakers.run<string>('p', 'm', () => Promise.resolve(outcome));
  const state = (): unknown => breakers.list()[0]?.state;

  it('opens after outages in a row, also when callers left in between', async () => {
    await run(broken);
    expect(await run(left)).toBe(left);
    await run(broken);
    expect(state()).toBe('open');
  });

  it('forgets outages when one call is answered', async () => {
    await run(broken);
    await run('answer');
    await run(broken);
    expect(state()).toBe('closed');
  });

  it('stays open when its probe was ended by the caller, and closes when one is answered', async () => {
    await run(broken);
    await run(broken);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await run(left)).toBe(left);
    expect(state()).toBe('open');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await run('answer');
    expect(state()).toBe('closed');
  });

  it('does not take a call from before for its probe', async () => {
    let leave: () => void = () => undefined;
    const early = breakers.run(
      'p',
      'm',
      () => new Promise<ProviderFailure>((resolve) => (leave = () => resolve(left))),
    );
    await run(broken);
    await run(broken);
    await new Promise((resolve) => setTimeout(resolve, 30));
    let answer: () => void = () => undefined;
    const probe = breakers.run('p', 'm', () => new Promise<string>((resolve) => (answer = () => resolve('answer'))));
    leave();
    expect(await early).toBe(left);
    expect(state()).toBe('half_open');
    answer();
    await probe;
    expect(state()).toBe('closed');
  });
});

describe.each([
  ['back', -3_600_000],
  ['ahead', 3_600_000],
])('an open breaker whose machine has its clock set %s an hour', (_, offMs) => {
  afterEach(() => jest.restoreAllMocks());

  it('lets its probe through when its rest is over, and none before', async () => {
    const guards = { breakerFailures: 1, breakerProbeSeconds: 2 };
    const [fixture, server] = await Promise.all([LlmFixture.start(new Decimal(50), guards), startModelServer()]);
    const gateway = fixture.gateway(server);
    const call = (): Promise<unknown> => gateway.call(fixture.callFor(undefined));
    try {
      server.script({ answer: 'Back.' }, { status: 500, shouldRetry: false, times: 1 });
      await problemOf(call());
      const wallClock = Date.now;
      jest.spyOn(Date, 'now').mockImplementation(() => wallClock() + offMs);
      expect(await problemOf(call())).toMatchObject({ code: 'LLM_UNAVAILABLE' });
      expect(server.requests).toHaveLength(1);
      await sleep(guards.breakerProbeSeconds * 1000);
      await call();
      expect(server.requests).toHaveLength(2);
    } finally {
      await server.close();
      await fixture.close();
    }
  });
});
