import { createRequire } from 'node:module';
import type { PoolClient } from 'pg';
import { Database } from '../../src/database/database.service.js';
import { DurableEngine } from '../../src/durable/durable-engine.js';
import { newId } from '../../src/database/ids.js';
import { UsageSummary } from '../../src/llm/stats/usage-summary.js';
import { REPLICAS } from '../../src/system/replicas/replicas.service.js';
import type { Replica } from '../../src/system/replicas/replicas.dto.js';
import { EventLoopDelay } from '../../src/system/stats/event-loop-delay.js';
import type { SystemStats } from '../../src/system/stats/stats.dto.js';
import { SystemStatistics } from '../../src/system/stats/system-stats.service.js';
import { OrchestratorFixture, strategy } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const read = async <T>(path: string): Promise<T> => {
  const answer = await fixture.nyx.request('viewer', 'GET', `/api/v1/system/${path}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
};

it('begins with every status at 0', async () => {
  const {
    workflows,
    agents,
    motivational_tasks: tasks,
    tool_executions: tools,
    latency_ms: latency,
  } = await read<SystemStats>('stats');
  const statuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];
  expect(workflows).toEqual({ total: 0, by_status: Object.fromEntries(statuses.map((status) => [status, 0])) });
  for (const counts of [agents, tasks, tools]) {
    expect(counts.total).toBe(0);
    expect(new Set(Object.values(counts.by_status))).toEqual(new Set([0]));
  }
  expect(latency.workflows).toEqual({ p50: 0, p90: 0, p95: 0, p99: 0 });
});

it('counts what ran, what it cost and how long it took, whoever asks', async () => {
  for (let number = 0; number < 3; number += 1) {
    expect(await fixture.execute(`Say ${number}.`, strategy('direct_execution'))).toMatchObject({ success: true });
  }
  fixture.model.script({ match: { prompt: /Fail\./ }, status: 400 });
  const failed = await fixture.execute('Fail.', strategy('direct_execution'));
  expect(failed.success).toBe(false);
  const tool = await fixture.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
    tool_name: 'file_operations',
    parameters: { operation: 'list_directory', path: '.' },
  });
  expect(tool.status).toBe(200);
  const stats = await read<SystemStats>('stats');
  expect(stats.workflows).toMatchObject({ total: 4, by_status: { completed: 3, failed: 1, in_progress: 0 } });
  expect(stats.agents).toMatchObject({ total: 4, by_status: { completed: 3, failed: 1 } });
  expect(stats.tool_executions).toMatchObject({ total: 1, by_status: { succeeded: 1 } });
  const charged = fixture.model.totalChargedUsd().toNumber();
  expect(charged).toBeGreaterThan(0);
  for (const period of [stats.usage.today, stats.usage.last_7_days, stats.usage.total]) {
    expect(period).toMatchObject({ cost_usd: charged, in_doubt_usd: 0 });
    expect(period.total_tokens).toBe(period.input_tokens + period.output_tokens);
  }
  const durations = await fixture.database.query<{ ms: number }>(
    `SELECT (extract(epoch FROM completed_at - started_at) * 1000)::float8 AS ms FROM workflows
      WHERE status = 'completed' ORDER BY 1`,
  );
  const median = durations[1]?.ms ?? 0;
  expect(Math.abs(stats.latency_ms.workflows.p50 - median)).toBeLessThanOrEqual(1 + median / 100);
  expect(stats.latency_ms.model_calls.p99).toBeGreaterThanOrEqual(stats.latency_ms.model_calls.p50);
});

it('says of the days only what is of the days', async () => {
  const before = await read<SystemStats>('stats');
  for (const [days, cost] of [
    [6, '0.25'],
    [7, '0.5'],
  ] as const) {
    await fixture.database.query(
      `WITH ended AS (
         INSERT INTO llm_interactions (id, purpose, provider, model, prompt_text, status, success, cost_usd, cost_without_cache_usd,
                                       request_timestamp)
         VALUES ($1, 'test', 'anthropic', 'm', '', 'succeeded', true, $2, $2::numeric * 2,
                 (now() AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' - make_interval(days => $3) + interval '1 minute')
         RETURNING id
       )
       INSERT INTO llm_usage_queue (interaction_id) SELECT id FROM ended`,
      [newId(), cost, days],
    );
  }
  const { today, last_7_days: week, total } = (await read<SystemStats>('stats')).usage;
  const added = (now: number, then: number): number => Number((now - then).toFixed(10));
  expect(today).toEqual(before.usage.today);
  expect(added(week.cost_usd, before.usage.last_7_days.cost_usd)).toBe(0.25);
  expect(added(total.cost_usd, before.usage.total.cost_usd)).toBe(0.75);
  expect(added(total.cost_saved_by_caching, before.usage.total.cost_saved_by_caching)).toBe(0.75);
});

it('takes two statements, which read counts and none of the rows that are counted', async () => {
  const database = fixture.nyx.app.get(Database);
  const read = new Set<string>();
  let statements = 0;
  const heard = {
    pool: database.pool,
    query: async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
      statements += 1;
      const [row] = await database.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${text}`, values);
      for (const [, table] of JSON.stringify(row).matchAll(/"Relation Name":"(\w+)"/g)) read.add(table ?? '');
      return database.query<Row>(text, values);
    },
  } as unknown as Database;
  const { app } = fixture.nyx;
  const stats = new SystemStatistics(heard, new UsageSummary(heard), app.get(DurableEngine), app.get(EventLoopDelay));
  expect((await stats.get()).workflows.total).toBeGreaterThan(0);
  expect(statements).toBe(2);
  expect([...read]).toEqual(expect.arrayContaining(['status_counts', 'status_changes', 'llm_usage_totals']));
  for (const table of ['workflows', 'agents', 'motivational_tasks', 'tool_executions'])
    expect(read).not.toContain(table);
});

it('tells of this replica what its pool and its process say', async () => {
  const { pool } = fixture.nyx.app.get(Database);
  const { replica } = await read<SystemStats>('stats');
  expect(replica.id).toBe(fixture.nyx.app.get(DurableEngine).executor.id);
  expect(replica.database_pool.max).toBe(pool.options.max);
  expect(replica.database_pool.open).toBeGreaterThan(0);
  expect(replica.memory.rss_bytes).toBeGreaterThan(replica.memory.heap_used_bytes);
  const { event_loop_delay_ms: delay } = replica;
  expect(delay.p50).toBeLessThanOrEqual(delay.p99);
  expect(delay.p99).toBeLessThanOrEqual(delay.max);
  const busyUntil = performance.now() + 150;
  while (performance.now() < busyUntil);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await read<SystemStats>('stats')).replica.event_loop_delay_ms.max).toBeGreaterThan(100);
});

it('shows an exhausted pool in stats and status, and one with room again', async () => {
  const { pool } = fixture.nyx.app.get(Database);
  const poolOf = async () => (await read<{ database: { connection_pool: string } }>('status')).database.connection_pool;
  expect(await poolOf()).toBe('healthy');
  const token = await fixture.nyx.token('viewer');
  const held: PoolClient[] = [];
  try {
    while (held.length < pool.options.max) held.push(await pool.connect());
    const waiting = pool.query('SELECT 1');
    const answer = await fetch(`${fixture.nyx.url}/api/v1/system/status`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await answer.json()).toMatchObject({ database: { status: 'error', connection_pool: 'exhausted' } });
    held.pop()?.release();
    await waiting;
  } finally {
    for (const client of held) client.release();
  }
  await until('the pool has room', async () => (await poolOf()) === 'healthy');
});

describe('GET /system/replicas', () => {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  const list = async (): Promise<Replica[]> => (await read<{ items: Replica[] }>('replicas')).items;

  it('counts the workflows that a replica has in hand, and not their branches', async () => {
    const { id } = fixture.nyx.app.get(DurableEngine).executor;
    expect(await list()).toMatchObject([
      {
        id,
        version,
        durable_version: 'nyx-1',
        roles: ['api', 'worker', 'engine'],
        status: 'live',
        running_workflows: 0,
      },
    ]);
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'subtasks' });
    const workflowId = await fixture.accept('[[subtasks:2]] [[parallel]]', strategy('parallel_execution'));
    await fixture.model.waitFor(2);
    expect(await list()).toMatchObject([{ id, running_workflows: 1 }]);
    fixture.model.release('subtasks');
    await fixture.ended(workflowId);
    await until('it has nothing in hand', async () => (await list())[0]?.running_workflows === 0);
  });

  it('leaves out who is gone, and who has not been seen for 15 seconds', async () => {
    for (const [id, status, silence] of [
      ['seen', 'draining', 10],
      ['silent', 'live', 16],
      ['gone', 'gone', 0],
    ] as const) {
      await fixture.database.query(
        `INSERT INTO executors (id, status, lock_key, version, started_at, last_beat_at)
         VALUES ($1, $2, 1, '1.0.0', now() - interval '1 day', clock_timestamp() - make_interval(secs => $3))`,
        [id, status, silence],
      );
    }
    const ids = (await list()).map((replica) => replica.id);
    expect(ids).not.toContain('silent');
    expect(ids).not.toContain('gone');
    await fixture.database.query(
      `UPDATE executors SET status = 'draining', last_beat_at = clock_timestamp() WHERE id = 'seen'`,
    );
    expect((await list())[0]).toMatchObject({ id: 'seen', status: 'draining', running_workflows: 0 });
  });

  it('reads by indexes of what is alive and what runs', async () => {
    await fixture.database.query(
      `INSERT INTO durable.workflow_status (workflow_uuid, status, name, executor_id, created_at, updated_at)
       SELECT 'old-' || n, 'SUCCESS', 'run-workflow', 'gone', 0, 0 FROM generate_series(1, 20000) n`,
    );
    await fixture.database.query(
      `INSERT INTO executors (id, status, lock_key, version) SELECT 'old-' || n, 'gone', n, '1.0.0' FROM generate_series(1, 20000) n`,
    );
    await fixture.database.query('ANALYZE durable.workflow_status, executors');
    const rows = await fixture.database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${REPLICAS}`, ['run-workflow']);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('ix_executors_live');
    expect(plan).toMatch(/idx_workflow_status_(pending|in_flight)/);
    expect(plan).not.toContain('Seq Scan');
  });
});
