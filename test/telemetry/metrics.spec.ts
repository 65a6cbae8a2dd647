import { STRATEGIES, WORKFLOW_ORIGINS } from '../../src/orchestrator/workflows/workflow.values.js';
import { OrchestratorFixture, strategy } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';
import { parseMetrics, total, type Family } from './prometheus-text.js';

describe('the metrics', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const scrape = async (): Promise<ReadonlyMap<string, Family>> => {
    const answer = await fixture.nyx.request('viewer', 'GET', '/metrics');
    expect(answer.status).toBe(200);
    return parseMetrics(await answer.text());
  };

  it('are for viewers, in the format that Prometheus asks for', async () => {
    expect((await fixture.nyx.request(undefined, 'GET', '/metrics')).status).toBe(401);
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
    const answer = await fixture.nyx.request('viewer', 'GET', '/metrics', undefined, { accept });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parseMetrics(await answer.text());
    const ours = [...families.values()].filter(({ name }) => name.startsWith('nyx_'));
    expect(ours.length).toBeGreaterThan(25);
    for (const { name, help, type } of ours) {
      expect(help).toMatch(/^[A-Z].*\.$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
    for (const name of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes']) {
      expect(total(families, name)).toBeGreaterThan(0);
    }
  });

  it('have a workflow that may end in any way at 0 before one does', async () => {
    const ended = (await scrape()).get('nyx_workflows_ended_total')?.samples ?? [];
    const ways = ['completed', 'failed', 'cancelled'].flatMap((status) =>
      [...STRATEGIES, 'none'].flatMap((way) => WORKFLOW_ORIGINS.map((origin) => [status, way, origin].join())),
    );
    expect(ended.map(({ labels }) => [labels.status, labels.strategy, labels.origin].join()).sort()).toEqual(
      ways.sort(),
    );
    expect(ended.every(({ value }) => value === 0)).toBe(true);
  });

  it('take a key of a viewer', async () => {
    const body = { name: 'prometheus', role: 'viewer' };
    const made = await fixture.nyx.request('admin', 'POST', '/api/v1/auth/api-keys', body);
    const { key } = (await made.json()) as { key: string };
    const answer = await fetch(`${fixture.nyx.url}/metrics`, { headers: { 'x-api-key': key } });
    expect(answer.status).toBe(200);
  });

  it('say of a workflow what rows and ledger say', async () => {
    const before = await scrape();
    const result = await fixture.execute('[[subtasks:3]]', strategy('parallel_execution'));
    expect(result.success).toBe(true);
    const after = await scrape();
    const grown = (name: string, labels: Record<string, string> = {}): number =>
      total(after, name, labels) - total(before, name, labels);
    const [row] = await fixture.database.query<Record<string, string>>(
      `SELECT sum(l.actual_usd) AS usd, sum(i.token_count_input - i.cache_creation_input_tokens - i.cache_read_input_tokens) AS input,
              sum(i.token_count_output) AS output, sum(i.cache_creation_input_tokens) AS cache_creation,
              sum(i.cache_read_input_tokens) AS cache_read, count(*) AS calls
         FROM budget_ledger l JOIN llm_interactions i ON i.id = l.interaction_id WHERE i.workflow_id = $1`,
      [result.workflow_id],
    );
    expect(grown('nyx_llm_cost_usd_total')).toBeCloseTo(Number(row?.usd), 9);
    expect(grown('nyx_llm_cost_usd_total')).toBeCloseTo(result.cost_usd, 9);
    expect(grown('nyx_llm_cost_usd_total')).toBeGreaterThan(0);
    for (const kind of ['input', 'output', 'cache_creation', 'cache_read']) {
      expect(grown('nyx_llm_tokens_total', { kind })).toBe(Number(row?.[kind]));
    }
    expect(grown('nyx_llm_calls_total', { outcome: 'answered' })).toBe(Number(row?.calls));
    expect(grown('nyx_llm_call_duration_seconds_count')).toBe(Number(row?.calls));
    const origin = { origin: 'user' };
    expect(grown('nyx_workflows_started_total', { ...origin, input_type: 'user_prompt' })).toBe(1);
    const ended = { ...origin, status: 'completed', strategy: 'parallel_execution' };
    expect(grown('nyx_workflows_ended_total', ended)).toBe(1);
    expect(grown('nyx_agents_spawned_total')).toBe(result.metadata.agents.total);
    expect(grown('nyx_agents_ended_total', { status: 'completed' })).toBe(result.metadata.agents.completed);
    const route = { route: '/api/v1/orchestrator/workflows/execute', method: 'POST', status: '2xx' };
    expect(grown('nyx_http_requests_total', route)).toBe(1);
  });

  it('count failed calls, and what is cancelled, with its agents', async () => {
    const before = await scrape();
    const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'No.' };
    fixture.model.script({ match: { prompt: 'Fail.' }, ...refused });
    expect((await fixture.execute('Fail.', strategy('direct_execution'))).success).toBe(false);
    fixture.model.script({ match: { prompt: 'Stay.' }, hold: 'for ever' });
    const id = await fixture.accept('Stay.', strategy('direct_execution'));
    await fixture.model.waitFor(2);
    const running = await scrape();
    expect(total(running, 'nyx_workflows_running')).toBe(1);
    await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    await fixture.ended(id);
    const isCounted = async (): Promise<boolean> =>
      total(await scrape(), 'nyx_llm_calls_total', { outcome: 'in_doubt' }) > 0;
    await until('the call that was cancelled is counted', isCounted);
    const after = await scrape();
    const grown = (name: string, labels: Record<string, string>): number =>
      total(after, name, labels) - total(before, name, labels);
    expect(grown('nyx_llm_calls_total', { outcome: 'failed' })).toBe(1);
    expect(grown('nyx_workflows_ended_total', { status: 'failed' })).toBe(1);
    expect(grown('nyx_workflows_ended_total', { status: 'cancelled' })).toBe(1);
    expect(grown('nyx_agents_ended_total', { status: 'failed' })).toBe(1);
    expect(grown('nyx_agents_ended_total', { status: 'terminated' })).toBe(1);
  });

  it('count a budget that refuses by its kind, and events that came back through the database', async () => {
    const context = strategy('direct_execution', { resource_limits: { max_cost_usd: 0.0000001 } });
    expect((await fixture.execute('Too dear.', context)).success).toBe(false);
    const families = await scrape();
    expect(total(families, 'nyx_budget_refusals_total', { scope: 'workflow' })).toBe(1);
    const isHeard = async (): Promise<boolean> => total(await scrape(), 'nyx_event_lag_seconds_count') > 0;
    await until('an event came back', isHeard);
    expect(total(families, 'nyx_database_pool_connections', { pool: 'application', state: 'total' })).toBeGreaterThan(
      0,
    );
    expect(total(families, 'nyx_database_pool_connections', { pool: 'durable', state: 'total' })).toBeGreaterThan(0);
    expect(families.get('nyx_queue_depth')?.samples).toHaveLength(4);
  });
});
