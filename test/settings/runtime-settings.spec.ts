import pg from 'pg';
import { SettingError } from '../../src/settings/setting-error.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { Replica } from './replica.js';

const LISTENING = `FROM pg_stat_activity WHERE application_name = 'nyx:listen' AND datname = current_database()`;

describe('the settings of two replicas', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let one: Replica;
  /** Behind a relay, so that its database can be taken away. */
  let other: Replica;

  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    [one, other] = await Promise.all([Replica.start(database.url), Replica.start(relay.url)]);
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await relay.close();
    await database.drop();
  });
  beforeEach(async () => {
    await one.database.query('DELETE FROM system_config');
    await Promise.all([one.settings.refresh(), other.settings.refresh()]);
  });

  const rows = (): Promise<{ config_key: string; value: string; config_type: string }[]> =>
    one.database.query('SELECT config_key, config_value::text AS value, config_type FROM system_config');

  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    if (!(error instanceof SettingError)) throw new Error('It was not refused.');
    return error.reason;
  };

  it('are those of the deployment until someone changes them', async () => {
    const { settings } = one;
    expect([settings.llmEnabled, settings.llmTimeoutSeconds, settings.retryAttempts]).toEqual([true, 60, 3]);
    expect(
      (['workflow', 'session', 'principal_day', 'autonomous_day', 'system_day', 'system_month'] as const).map((kind) =>
        settings.budgetUsd(kind)?.toFixed(),
      ),
    ).toEqual(['5', undefined, undefined, '5', '50', undefined]);
    expect((await settings.list()).every(({ changedAt }) => changedAt === undefined)).toBe(true);
  });

  it('hold where they are set at once, and on the other replica soon', async () => {
    await one.settings.set('budget_system_day_usd', 0.1);
    await one.settings.set('llm_timeout_seconds', 7);
    await one.settings.set('default_retry_attempts', 1);
    for (const replica of [one, other]) {
      await until('the change is known', () => replica.settings.retryAttempts === 1);
      expect(replica.settings.llmTimeoutSeconds).toBe(7);
      expect(replica.settings.budgetUsd('system_day')?.toFixed()).toBe('0.1');
    }
    expect(await rows()).toContainEqual({ config_key: 'budget_system_day_usd', value: '0.1', config_type: 'limit' });
  });

  it('know a limit that was taken away from a default', async () => {
    await one.settings.set('budget_system_day_usd', null);
    expect(one.settings.budgetUsd('system_day')).toBeUndefined();
    expect(await rows()).toEqual([{ config_key: 'budget_system_day_usd', value: 'null', config_type: 'limit' }]);
    await one.settings.reset('budget_system_day_usd');
    await one.settings.reset('budget_system_day_usd');
    expect(one.settings.budgetUsd('system_day')?.toFixed()).toBe('50');
    expect(await rows()).toEqual([]);
  });

  it('refuse what a setting cannot be, and write nothing', async () => {
    expect(await refusal(one.settings.set('llm_enabled', 'false'))).toBe('invalid_value');
    expect(await refusal(one.settings.set('budget_system_day_usd', 0))).toBe('invalid_value');
    for (const key of ['no_such_key', 'constructor', '__proto__', '', 'llm_abort_order'])
      expect(await refusal(one.settings.set(key, true))).toBe('unknown_key');
    expect(await refusal(one.settings.reset('no_such_key'))).toBe('unknown_key');
    expect(await rows()).toEqual([]);
  });

  it('are the last of many changes at once, the same everywhere', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).settings.set('llm_timeout_seconds', index + 1),
      ),
    );
    const [row] = await rows();
    await Promise.all([one.settings.refresh(), other.settings.refresh()]);
    expect([one, other].map(({ settings }) => String(settings.llmTimeoutSeconds))).toEqual([row?.value, row?.value]);
  });

  it('tell their listeners of a change once, and of nothing else', async () => {
    let heard = 0;
    const stop = one.settings.onChange(() => (heard += 1));
    await one.settings.set('llm_timeout_seconds', 9);
    await one.settings.set('llm_timeout_seconds', 9);
    await one.settings.refresh();
    expect(heard).toBe(1);
    stop();
    await one.settings.set('llm_timeout_seconds', 10);
    expect(heard).toBe(1);
  });

  it('announce every change, and nothing that was refused', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const heard: string[] = [];
    client.on('notification', ({ channel }) => heard.push(channel));
    await client.query('LISTEN nyx_settings');
    try {
      await one.settings.set('llm_timeout_seconds', 9);
      await refusal(one.settings.set('llm_timeout_seconds', 0));
      await one.settings.reset('llm_timeout_seconds');
      await one.settings.orderLlmAbort();
      await until('the last one is heard', () => heard.length >= 3);
      expect(heard).toEqual(['nyx_settings', 'nyx_settings', 'nyx_settings']);
    } finally {
      await client.end();
    }
  });

  it('keep the default where a row holds something else', async () => {
    await one.settings.set('llm_timeout_seconds', 9);
    await one.database.query(`UPDATE system_config SET config_value = '"banana"'`);
    await one.settings.refresh();
    expect(one.settings.llmTimeoutSeconds).toBe(60);
    expect((await one.settings.list()).find(({ key }) => key === 'llm_timeout_seconds')).toMatchObject({
      value: 60,
      changedAt: undefined,
    });
  });

  it('show no rows that are no settings', async () => {
    await one.database.query(
      `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, 'api_key', '"sk-secret"', 'credential')`,
      ['019ab0c4-5d6e-7f80-9123-456789abcdef'],
    );
    expect(JSON.stringify(await one.settings.list())).not.toContain('sk-secret');
  });

  it('are known although the notification was lost', async () => {
    await one.database.query(
      `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, 'llm_enabled', 'false', 'setting')`,
      ['019ab0c4-5d6e-7f80-9123-456789abcdef'],
    );
    await until('both replicas are stopped', () => one.stop.isOn && other.stop.isOn);
  });

  it('are known when the listening connections broke at that moment', async () => {
    await one.database.query(`SELECT pg_terminate_backend(pid) ${LISTENING}`);
    await one.settings.set('llm_timeout_seconds', 11);
    await until('the change is known', () => other.settings.llmTimeoutSeconds === 11);
    await until('both replicas listen again', async () => {
      const [row] = await one.database.query<{ count: string }>(`SELECT count(*) AS count ${LISTENING}`);
      return row?.count === '2';
    });
    await one.settings.set('llm_timeout_seconds', 12);
    await until('the next change is known', () => other.settings.llmTimeoutSeconds === 12);
  });

  it.each(['cut', 'freeze'] as const)('stay what they were while the database is away (%s)', async (how) => {
    await one.settings.set('llm_timeout_seconds', 13);
    await until('the change is known', () => other.settings.llmTimeoutSeconds === 13);
    relay[how]();
    await one.settings.set('llm_timeout_seconds', 14);
    if (how === 'cut') await other.settings.refresh();
    expect(other.settings.llmTimeoutSeconds).toBe(13);
    relay.resume();
    await until('the change is known', () => other.settings.llmTimeoutSeconds === 14);
  });
});
