import { setImmediate } from 'node:timers/promises';
import { EMERGENCY_STOP } from '../../src/llm/guards/emergency-stop.js';
import { Replica } from '../settings/replica.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { problemOf } from './gateway-room.js';

describe('the emergency stop of two replicas', () => {
  let database: TestDatabase;
  let one: Replica;
  let other: Replica;

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, other] = await Promise.all([Replica.start(database.url), Replica.start(database.url)]);
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await database.drop();
  });
  beforeEach(async () => {
    await one.database.query('DELETE FROM system_config');
    await Promise.all([one.settings.refresh(), other.settings.refresh()]);
  });

  const switchTo = async (isOn: boolean): Promise<void> => {
    await one.settings.set('llm_enabled', !isOn);
    await until('the other replica knows', () => other.stop.isOn === isOn);
  };

  /** Whether `work` ended, everything that is due done. */
  const hasEnded = async (work: Promise<unknown>): Promise<boolean> => {
    let ended = false;
    void work.finally(() => (ended = true)).catch(() => undefined);
    await setImmediate();
    return ended;
  };

  const refuse = (replica: Replica): Promise<void> => Promise.resolve().then(() => replica.stop.refuseIfOn());

  it('refuses on both while it is on', async () => {
    await Promise.all([refuse(one), refuse(other)]);
    await switchTo(true);
    for (const replica of [one, other]) {
      const problem = await problemOf(refuse(replica));
      expect(problem).toMatchObject({ code: 'LLM_UNAVAILABLE', status: 503 });
      expect(problem.options.extensions).toEqual({ emergency_stop: true });
    }
    await switchTo(false);
    await Promise.all([refuse(one), refuse(other)]);
  });

  it('keeps who waits until it is off, on both', async () => {
    await Promise.all([one.stop.untilOff(), other.stop.untilOff()]);
    await switchTo(true);
    const waiting = [one, other].flatMap(({ stop }) => [stop.untilOff(), stop.untilOff(new AbortController().signal)]);
    await one.settings.set('llm_timeout_seconds', 5);
    await other.settings.refresh();
    expect(await Promise.all(waiting.map(hasEnded))).toEqual([false, false, false, false]);
    await switchTo(false);
    await Promise.all(waiting);
    expect(await hasEnded(Promise.all(waiting))).toBe(true);
  });

  it('lets go of who no longer wants to wait', async () => {
    await switchTo(true);
    const caller = new AbortController();
    const [leaving, staying] = [one.stop.untilOff(caller.signal), one.stop.untilOff()];
    const reason = new Error('the caller left');
    caller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    await expect(one.stop.untilOff(caller.signal)).rejects.toBe(reason);
    expect(await hasEnded(staying)).toBe(false);
    await switchTo(false);
    await staying;
  });

  it('sees at once what another replica wrote when it is told to look', async () => {
    await one.database.query(
      `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, 'llm_enabled', 'false', 'setting')`,
      ['019ab0c4-5d6e-7f80-9123-456789abcdef'],
    );
    await other.stop.lookAgain();
    expect(other.stop.isOn).toBe(true);
  });

  it('leaves calls in flight alone unless asked, then aborts those of both replicas that still run', async () => {
    const calls = [one, one, other, other].map(({ stop }) => {
      const controller = new AbortController();
      return { controller, untrack: stop.track(controller) };
    });
    const reasons = (): unknown[] => calls.map(({ controller }) => controller.signal.reason as unknown);
    calls[1]?.untrack();
    calls[3]?.untrack();
    await switchTo(true);
    expect(reasons()).toEqual([undefined, undefined, undefined, undefined]);
    await one.stop.abortInFlight();
    expect(calls[0]?.controller.signal.reason).toBe(EMERGENCY_STOP);
    await until('the other replica aborted', () => calls[2]?.controller.signal.aborted === true);
    expect(reasons()).toEqual([EMERGENCY_STOP, undefined, EMERGENCY_STOP, undefined]);
  });

  it('aborts again when it is asked again, and not what came between', async () => {
    await one.stop.abortInFlight();
    await until('the other replica heard', () => other.settings.llmAbortOrder === one.settings.llmAbortOrder);
    const controller = new AbortController();
    other.stop.track(controller);
    await other.settings.refresh();
    expect(controller.signal.aborted).toBe(false);
    await one.stop.abortInFlight();
    await until('the call was aborted', () => controller.signal.aborted);
  });

  it('aborts although the notification was lost', async () => {
    const controller = new AbortController();
    one.stop.track(controller);
    await one.database.query(
      `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, 'llm_abort_order', '"unheard"', 'setting')`,
      ['019ab0c4-5d6e-7f80-9123-456789abcdef'],
    );
    await until('the call was aborted', () => controller.signal.aborted);
  });

  it('takes no order from before its start', async () => {
    await one.stop.abortInFlight();
    const late = await Replica.start(database.url);
    try {
      const controller = new AbortController();
      late.stop.track(controller);
      await late.settings.refresh();
      expect(controller.signal.aborted).toBe(false);
    } finally {
      await late.close();
    }
  });
});
