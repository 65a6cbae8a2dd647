import { Decimal } from 'decimal.js';
import { Database } from '../../src/database/database.service.js';
import type { ProblemDocument } from '../../src/http/problem-document.js';
import { EMERGENCY_STOP, EmergencyStop } from '../../src/llm/guards/emergency-stop.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

interface Item {
  readonly config_key: string;
  readonly config_value: unknown;
  readonly config_type: string;
  readonly description: string;
  readonly updated_at: string | null;
  readonly is_default: boolean;
}

const CONFIG = '/api/v1/system/config';

describe('the doors of the runtime configuration', () => {
  let nyx: TestApp;

  beforeAll(async () => {
    nyx = await startApp({ budget: { workflowUsd: new Decimal('0.7') }, limits: { retryAttempts: 0 } });
  });
  afterAll(() => nyx.close());
  afterEach(async () => {
    for (const { config_key: key, is_default: isDefault } of await list())
      if (!isDefault) await nyx.request('admin', 'DELETE', `${CONFIG}/${key}`);
  });

  const list = async (): Promise<Item[]> =>
    ((await (await nyx.request('viewer', 'GET', CONFIG)).json()) as { items: Item[] }).items;
  const itemOf = async (key: string): Promise<Item | undefined> =>
    (await list()).find((item) => item.config_key === key);
  const put = (key: string, body: unknown): Promise<Response> => nyx.request('admin', 'PUT', `${CONFIG}/${key}`, body);
  const change = async (key: string, value: unknown, more: object = {}): Promise<Item> => {
    const answer = await put(key, { config_value: value, ...more });
    if (answer.status !== 200) throw new Error(await answer.text());
    return (await answer.json()) as Item;
  };
  const rows = async (): Promise<unknown[]> =>
    await nyx.app.get(Database).query('SELECT config_key, config_value, updated_at FROM system_config');

  it('list every setting with the default of the deployment', async () => {
    const items = await list();
    expect(items.map(({ config_key: key, config_value: value, config_type: type }) => [key, value, type])).toEqual([
      ['llm_enabled', true, 'setting'],
      ['llm_timeout_seconds', 60, 'limit'],
      ['tool_timeout_seconds', 30, 'limit'],
      ['default_retry_attempts', 1, 'limit'],
      ['approval_timeout_minutes', 1440, 'limit'],
      ['max_recursion_depth', 10, 'limit'],
      ['max_concurrent_agents', 50, 'limit'],
      ['max_concurrent_workflows', 50, 'limit'],
      ['max_thought_tree_age_days', 365, 'limit'],
      ['budget_workflow_usd', 0.7, 'limit'],
      ['budget_session_usd', null, 'limit'],
      ['budget_principal_day_usd', null, 'limit'],
      ['budget_autonomous_day_usd', 5, 'limit'],
      ['budget_system_day_usd', 50, 'limit'],
      ['budget_system_month_usd', null, 'limit'],
    ]);
    for (const item of items) expect(item).toMatchObject({ updated_at: null, is_default: true });
    expect(new Set(items.map(({ description }) => description)).size).toBe(items.length);
    // They have a limit of their own, which this setting does not change.
    expect(items[1]?.description).toContain('agents of workflows');
  });

  it('change a setting, show it, and go back to the default', async () => {
    const changed = await change('budget_system_day_usd', 0.1);
    expect(changed).toMatchObject({ config_key: 'budget_system_day_usd', config_value: 0.1, is_default: false });
    expect(await itemOf('budget_system_day_usd')).toEqual(changed);
    expect(await change('budget_system_day_usd', null)).toMatchObject({ config_value: null, is_default: false });
    const answer = await nyx.request('admin', 'DELETE', `${CONFIG}/budget_system_day_usd`);
    expect(answer.status).toBe(200);
    const reset = (await answer.json()) as Item;
    expect(reset).toMatchObject({ config_value: 50, updated_at: null, is_default: true });
    expect(await itemOf('budget_system_day_usd')).toEqual(reset);
  });

  it.each([
    ['viewer', 403],
    ['operator', 403],
    [undefined, 401],
  ] as const)('are for admins to change: %s gets %i', async (role, status) => {
    const body = { config_value: false };
    expect((await nyx.request(role, 'PUT', `${CONFIG}/llm_enabled`, body)).status).toBe(status);
    expect((await nyx.request(role, 'DELETE', `${CONFIG}/llm_enabled`)).status).toBe(status);
    expect((await nyx.request(role, 'GET', CONFIG)).status).toBe(role === undefined ? 401 : 200);
    expect(await rows()).toEqual([]);
  });

  it.each([
    ['llm_enabled', { config_value: 'false' }, 'config_value'],
    ['llm_enabled', { config_value: null }, 'config_value'],
    ['llm_enabled', {}, 'config_value'],
    ['llm_enabled', { config_value: [true] }, 'config_value'],
    ['llm_enabled', { config_value: { on: true } }, 'config_value'],
    ['llm_timeout_seconds', { config_value: 0 }, 'config_value'],
    ['llm_timeout_seconds', { config_value: 3601 }, 'config_value'],
    ['llm_timeout_seconds', { config_value: 1.5 }, 'config_value'],
    ['llm_timeout_seconds', { config_value: null }, 'config_value'],
    ['default_retry_attempts', { config_value: 21 }, 'config_value'],
    ['budget_session_usd', { config_value: 0 }, 'config_value'],
    ['budget_session_usd', { config_value: -1 }, 'config_value'],
    ['budget_session_usd', { config_value: '5' }, 'config_value'],
    ['budget_session_usd', { config_value: 1_000_001 }, 'config_value'],
    ['budget_session_usd', { config_value: 0.00000000001 }, 'config_value'],
    ['budget_session_usd', { config_value: true }, 'config_value'],
    ['llm_enabled', { config_value: true, abort_in_flight: true }, 'abort_in_flight'],
    ['budget_session_usd', { config_value: 5, abort_in_flight: true }, 'abort_in_flight'],
    ['llm_enabled', { config_value: false, abort_in_flight: 'yes' }, 'abort_in_flight'],
    ['llm_enabled', { config_value: false, surprise: 1 }, 'surprise'],
  ])('refuse %s %j and change nothing', async (key, body, field) => {
    const answer = await put(key, body);
    const problem = (await answer.json()) as ProblemDocument;
    expect([answer.status, problem.error_code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(await rows()).toEqual([]);
  });

  it.each(['no_such_key', 'llm_abort_order', 'constructor', 'LLM_ENABLED', 'x'.repeat(200)])(
    'know no setting %s',
    async (key) => {
      for (const answer of [
        await put(key, { config_value: 1, abort_in_flight: true }),
        await nyx.request('admin', 'DELETE', `${CONFIG}/${key}`),
      ]) {
        expect(answer.status).toBe(404);
        expect(await answer.json()).toMatchObject({ error_code: 'NOT_FOUND' });
      }
      expect(await rows()).toEqual([]);
    },
  );

  it('make health say that models may not be asked', async () => {
    const health = async (): Promise<{ status: string; components: unknown }> =>
      (await (await nyx.request('viewer', 'GET', '/api/v1/system/health')).json()) as never;
    await change('llm_enabled', false);
    expect(await health()).toMatchObject({
      status: 'degraded',
      components: { llm: { status: 'degraded', provider: 'offline', enabled: false } },
    });
    await change('llm_enabled', true);
    await until('it is healthy again', async () => (await health()).status === 'healthy');
    expect((await health()).components).toMatchObject({ llm: { enabled: true } });
  });

  it('abort calls in flight only when asked, also when the stop was on before', async () => {
    const controller = new AbortController();
    nyx.app.get(EmergencyStop).track(controller);
    await change('llm_enabled', false);
    await change('llm_enabled', false, { abort_in_flight: false });
    expect(controller.signal.aborted).toBe(false);
    await change('llm_enabled', false, { abort_in_flight: true });
    expect(controller.signal.reason).toBe(EMERGENCY_STOP);
    expect((await list()).map(({ config_key: key }) => key)).not.toContain('llm_abort_order');
    await nyx.app.get(Database).query(`DELETE FROM system_config WHERE config_key = 'llm_abort_order'`);
  });

  describe('and the budget of a workflow', () => {
    const budgetOf = async (context: object = {}): Promise<unknown> => {
      const answer = await nyx.request('operator', 'POST', '/api/v1/orchestrator/workflows/execute', {
        input_type: 'user_prompt',
        content: { prompt: 'Say a word.' },
        execution_context: context,
      });
      const { workflow_id: id } = (await answer.json()) as { workflow_id: string };
      const detail = await nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}`);
      const { status, budget } = (await detail.json()) as { status: string; budget: Record<string, unknown> };
      return [status, budget.limit_usd, budget.remaining_usd];
    };

    it('give new workflows the limit that holds now', async () => {
      expect(await budgetOf()).toEqual(['completed', 0.7, 0.7]);
      await change('budget_workflow_usd', 0.3);
      expect(await budgetOf()).toEqual(['completed', 0.3, 0.3]);
    });

    it('let workflows run without a limit, unless they name one', async () => {
      await change('budget_workflow_usd', null);
      expect(await budgetOf()).toEqual(['completed', null, null]);
      expect(await budgetOf({ resource_limits: { max_cost_usd: 0.2 } })).toEqual(['completed', 0.2, 0.2]);
    });
  });
});
