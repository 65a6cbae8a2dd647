import { Decimal } from 'decimal.js';
import { LlmGateway } from '../../src/llm/gateway.js';
import { CircuitBreakers } from '../../src/llm/guards/circuit-breakers.js';
import { Costs } from '../../src/llm/stats/costs.service.js';
import type { CostsQuery } from '../../src/llm/stats/costs.dto.js';
import { Stats } from '../../src/llm/stats/stats.service.js';
import { UsageCompaction } from '../../src/llm/stats/usage-compaction.js';
import { LlmFixture, startModelServer, type ModelServer } from './llm-fixture.js';

/** An interaction with what the ledger still holds for it, as the tables have them. */
interface Row {
  readonly status: string;
  readonly success: boolean | null;
  readonly day: string;
  readonly model: string;
  readonly workflow_id: string | null;
  readonly workflow_origin: string | null;
  readonly principal_id: string;
  readonly retry_count: number;
  readonly cache_hit: boolean;
  readonly token_count_input: number | null;
  readonly token_count_output: number | null;
  readonly cache_creation_input_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly cost_usd: string | null;
  readonly cost_without_cache_usd: string | null;
  readonly in_doubt_usd: string | null;
}

const KEYS = {
  principal: (row: Row) => row.principal_id,
  model: (row: Row) => row.model,
  day: (row: Row) => row.day,
  workflow: (row: Row) => row.workflow_id,
  origin: (row: Row) => row.workflow_origin ?? 'api',
};

type By = keyof typeof KEYS;
const COST_KEYS = Object.keys(KEYS) as By[];

/** Those of this database that wait for a lock. */
export const WAITING = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** Statistics on a database of a test's own, beside sums that are made of the rows themselves. */
export class UsageRoom {
  fixture!: LlmFixture;
  server!: ModelServer;
  gateway!: LlmGateway;
  stats!: Stats;
  costs!: Costs;
  compaction!: UsageCompaction;
  breakers!: CircuitBreakers;

  static forThisFile(): UsageRoom {
    const room = new UsageRoom();
    beforeAll(async () => {
      [room.fixture, room.server] = await Promise.all([LlmFixture.start(new Decimal(500)), startModelServer()]);
      const { database } = room.fixture;
      room.gateway = room.fixture.gateway(room.server);
      room.costs = new Costs(database);
      room.compaction = new UsageCompaction(database);
    });
    afterAll(async () => {
      await room.server.close();
      await room.fixture.close();
    });
    beforeEach(async () => {
      room.server.reset();
      room.breakers = new CircuitBreakers(room.fixture.config);
      room.stats = new Stats(room.fixture.database, room.breakers);
      await room.fixture.clear();
      await room.fixture.database.query('TRUNCATE llm_usage_totals, llm_usage_rollups, llm_latency_buckets');
    });
    return room;
  }

  /** Everything the routes say that follows from the rows. */
  async told(): Promise<unknown> {
    const stats = await this.stats.get(undefined);
    const byDay = stats.by_day.filter(({ requests, in_doubt_usd: doubt }) => requests > 0 || doubt > 0);
    return {
      stats: {
        total_requests: stats.total_requests,
        successful_requests: stats.successful_requests,
        failed_requests: stats.failed_requests,
        total_tokens_used: stats.total_tokens_used,
        total_cost_usd: stats.total_cost_usd,
        in_doubt_usd: stats.in_doubt_usd,
        retries: stats.retries,
        input_tokens_saved: stats.input_tokens_saved,
        cost_saved_by_caching: stats.cost_saved_by_caching,
        native_cache_hits: stats.native_cache_hits,
      },
      byModel: Object.fromEntries(Object.entries(stats.by_model).map(([key, { requests }]) => [key, requests])),
      byOrigin: Object.fromEntries(Object.entries(stats.by_origin).map(([key, { cost_usd: cost }]) => [key, cost])),
      byDay: Object.fromEntries(byDay.map(({ day, cost_usd: cost }) => [day, cost])),
      costs: await this.toldCosts(),
    };
  }

  /** The same from the rows. */
  async truth(): Promise<unknown> {
    const rows = await this.rows();
    const ended = rows.filter(({ status }) => status === 'succeeded' || status === 'failed');
    const successes = ended.filter(({ success }) => success === true).length;
    const by = (key: By) => Object.entries(sumsBy(rows, KEYS[key]));
    return {
      stats: {
        total_requests: ended.length,
        successful_requests: successes,
        failed_requests: ended.length - successes,
        total_tokens_used: sum(ended, (row) => (row.token_count_input ?? 0) + (row.token_count_output ?? 0)),
        total_cost_usd: usd(ended, (row) => row.cost_usd),
        in_doubt_usd: usd(rows, (row) => row.in_doubt_usd),
        retries: sum(ended, (row) => Number(row.retry_count > 0)),
        input_tokens_saved: sum(ended, (row) => row.cache_read_input_tokens ?? 0),
        cost_saved_by_caching: savedUsd(ended),
        native_cache_hits: sum(ended, (row) => Number(row.cache_hit)),
      },
      byModel: Object.fromEntries(by('model').map(([key, { requests }]) => [key, requests])),
      byOrigin: Object.fromEntries(by('origin').map(([key, { cost_usd: cost }]) => [key, cost])),
      byDay: Object.fromEntries(by('day').map(([key, { cost_usd: cost }]) => [key, cost])),
      costs: Object.fromEntries(COST_KEYS.map((key) => [key, sumsBy(rows, KEYS[key])])),
    };
  }

  /** Rows such as a busy year leaves: `count` ended calls over days, models, origins and principals. */
  async insertEnded(count: number): Promise<void> {
    await this.fixture.database.query(
      `WITH ended AS (
         INSERT INTO llm_interactions (id, purpose, provider, model, principal_id, prompt_text, status, success, request_timestamp,
           token_count_input, token_count_output, cache_creation_input_tokens, cache_read_input_tokens, cached_token_count,
           cache_hit, latency_ms, cost_usd, cost_without_cache_usd, retry_count)
         SELECT gen_random_uuid(), 'test', 'anthropic', 'model-' || n % 3, 'principal-' || n % 7, '', 'succeeded', n % 10 > 0,
           now() - make_interval(hours => n % 400), n, n % 100, 0, n % 2 * 10, n % 2 * 10, n % 2 = 1, n % 5000,
           n * 0.0000000001, n * 0.0000000002, n % 3
         FROM generate_series(1, $1) AS n RETURNING id
       )
       INSERT INTO llm_usage_queue (interaction_id) SELECT id FROM ended`,
      [count],
    );
  }

  /** The queue of calls that are not rolled up. */
  async queue(): Promise<string[]> {
    const rows = await this.fixture.database.query<{ id: string }>('SELECT interaction_id AS id FROM llm_usage_queue');
    return rows.map(({ id }) => id);
  }

  private async toldCosts(): Promise<Record<string, unknown>> {
    const told = await Promise.all(COST_KEYS.map(async (by) => [by, await this.toldBy(by)] as const));
    return Object.fromEntries(told);
  }

  private async toldBy(by: CostsQuery['by']): Promise<unknown> {
    const { items } = await this.costs.list({ by, limit: 200 }, undefined);
    return Object.fromEntries(items.map(({ key, label: _label, ...sums }) => [key, sums]));
  }

  private rows(): Promise<Row[]> {
    return this.fixture.database.query<Row>(
      `SELECT i.status, i.success, to_char(i.request_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, i.model, i.workflow_id,
         w.origin AS workflow_origin, i.principal_id, i.retry_count, i.cache_hit, i.token_count_input, i.token_count_output,
         i.cache_creation_input_tokens, i.cache_read_input_tokens, i.cost_usd, i.cost_without_cache_usd,
         CASE WHEN l.status = 'in_doubt' THEN l.reserved_usd END AS in_doubt_usd
       FROM llm_interactions i LEFT JOIN workflows w ON w.id = i.workflow_id
       LEFT JOIN budget_ledger l ON l.interaction_id = i.id WHERE i.status <> 'sent'`,
    );
  }
}

const sum = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);

const usd = (rows: readonly Row[], of: (row: Row) => string | null): number =>
  rows.reduce((total, row) => total.plus(of(row) ?? 0), new Decimal(0)).toNumber();

const savedUsd = (rows: readonly Row[]): number =>
  rows
    .filter((row) => row.cost_without_cache_usd !== null)
    .reduce((total, row) => total.plus(row.cost_without_cache_usd ?? 0).minus(row.cost_usd ?? 0), new Decimal(0))
    .toNumber();

function sumsBy(rows: readonly Row[], keyOf: (row: Row) => string | null) {
  const keys = new Set(rows.map(keyOf).filter((key) => key !== null));
  return Object.fromEntries([...keys].map((key) => [key, sumsOf(rows.filter((row) => keyOf(row) === key))]));
}

function sumsOf(rows: readonly Row[]) {
  const ended = rows.filter(({ status }) => status !== 'in_doubt');
  return {
    requests: ended.length,
    cost_usd: usd(ended, (row) => row.cost_usd),
    in_doubt_usd: usd(rows, (row) => row.in_doubt_usd),
    input_tokens: sum(ended, (row) => row.token_count_input ?? 0),
    output_tokens: sum(ended, (row) => row.token_count_output ?? 0),
    cache_read_input_tokens: sum(ended, (row) => row.cache_read_input_tokens ?? 0),
    cost_saved_usd: savedUsd(ended),
  };
}
