import { Decimal } from 'decimal.js';
import type { LlmGateway } from '../../src/llm/gateway.js';
import type { Rule } from '../support/model-server.js';
import { until } from '../support/until.js';
import { problemOf } from './gateway-room.js';
import { LlmFixture, startModelServer, type ModelServer } from './llm-fixture.js';

describe('a call that is reserved for and not yet sent', () => {
  let fixture: LlmFixture;
  let server: ModelServer;
  let gateway: LlmGateway;

  beforeAll(async () => {
    const guards = { breakerFailures: 1, breakerProbeSeconds: 0.1 };
    [fixture, server] = await Promise.all([LlmFixture.start(new Decimal(50), guards), startModelServer()]);
  });
  afterAll(async () => {
    await server.close();
    await fixture.close();
  });
  beforeEach(async () => {
    server.reset();
    await fixture.clear();
    await fixture.settings.refresh();
    gateway = fixture.gateway(server);
  });
  afterEach(async () => {
    expect(await fixture.inconsistentScopes()).toEqual([]);
  });

  const ledgerOfOthers = async (): Promise<string[]> => (await fixture.ledger()).slice(2).map((row) => row.status);

  /** Resolves when a probe is on its way, which `release('probe')` lets be answered, and a second call waits behind it. */
  const waitBehindProbe = async (
    signal?: AbortSignal,
    outcome: Rule = {},
  ): Promise<{ probe: Promise<unknown>; call: Promise<unknown> }> => {
    server.script({ hold: 'probe', ...outcome }, { status: 500, shouldRetry: false, times: 1 });
    await problemOf(gateway.call(fixture.callFor(undefined)));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const probe = gateway.call(fixture.callFor(undefined));
    await server.waitFor(2);
    const call = gateway.call(fixture.callFor(undefined, { signal }));
    call.catch(() => undefined);
    await until('the call is reserved for', async () => (await fixture.ledger()).length === 3);
    return { probe, call };
  };

  it('ends at once for a caller who goes away while another call probes, and cost nothing', async () => {
    const leaving = new AbortController();
    const { probe, call } = await waitBehindProbe(leaving.signal);
    leaving.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await ledgerOfOthers()).toEqual(['voided']);
    server.release('probe');
    await probe;
    expect(server.requests).toHaveLength(2);
    await gateway.call(fixture.callFor(undefined));
  });

  it('is refused with the time to come back when the probe fails', async () => {
    const { probe, call } = await waitBehindProbe(undefined, { status: 500, shouldRetry: false });
    server.release('probe');
    await problemOf(probe);
    expect((await problemOf(call)).options).toMatchObject({ retryAfterSeconds: 1 });
    expect(await ledgerOfOthers()).toEqual(['voided']);
  });

  it('is not sent when calls were switched off while another call probed', async () => {
    const { probe, call } = await waitBehindProbe();
    await fixture.settings.set('llm_enabled', false);
    server.release('probe');
    await probe;
    expect((await problemOf(call)).options.extensions).toMatchObject({ emergency_stop: true });
    expect(await ledgerOfOthers()).toEqual(['voided']);
    expect(server.requests).toHaveLength(2);
  });

  it('is not sent when calls were switched off while it waited for a balance', async () => {
    await gateway.call(fixture.callFor(undefined));
    let call: Promise<unknown> = Promise.resolve();
    await fixture.database.transaction(async (tx) => {
      await tx.query(`SELECT 1 FROM budget_scopes WHERE kind = 'system_day' FOR UPDATE`);
      call = gateway.call(fixture.callFor(undefined));
      call.catch(() => undefined);
      await until('it waits', async () => {
        const waiting = await fixture.database.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });
      await fixture.settings.set('llm_enabled', false);
    });
    await problemOf(call);
    expect(server.requests).toHaveLength(1);
    expect((await fixture.ledger()).map((row) => row.status)).toEqual(['settled', 'voided']);
  });
});
