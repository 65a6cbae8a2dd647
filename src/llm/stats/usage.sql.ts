import { bucketOf } from './latency.rules.js';

/** The columns that all rollups add up. */
const SUMS = [
  'requests',
  'answers',
  'successes',
  'retries',
  'cache_hits',
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'latency_ms',
  'cost_usd',
  'cost_without_cache_usd',
] as const;

/** Sums over rollups, tail and calls in doubt, as the driver reads them: exact. */
export type SummedRow = Readonly<Record<(typeof SUMS)[number] | 'in_doubt_requests' | 'in_doubt_usd', string>>;

/** The tables that calls are rolled up into, and what each keeps them apart by. */
const ROLLUPS = {
  llm_total_usage: ['model', 'origin'],
  llm_daily_usage: ['day', 'model', 'origin', 'principal_id'],
  llm_workflow_usage: ['day', 'workflow_id'],
} as const;
type Rollup = keyof typeof ROLLUPS;

/** Calls that ended and are not in the rollups yet: what a compaction takes, and what a read adds. As in the partial index. */
const NOT_ROLLED_UP = `NOT i.rolled_up AND i.status IN ('succeeded', 'failed')`;

const DIMENSIONS = `(i.request_timestamp AT TIME ZONE 'UTC')::date AS day, i.model, i.origin,
  coalesce(i.principal_id, 'unknown') AS principal_id, i.workflow_id`;

/** An answer that could not be written has a cost, but nobody knows what it had been without a cache. */
const ONE_CALL = `1 AS requests, (i.status = 'succeeded')::int AS answers, coalesce(i.success, false)::int AS successes,
  (i.retry_count > 0)::int AS retries, i.cache_hit::int AS cache_hits, coalesce(i.token_count_input, 0) AS input_tokens,
  coalesce(i.token_count_output, 0) AS output_tokens,
  coalesce(i.cache_creation_input_tokens, 0) AS cache_creation_input_tokens,
  coalesce(i.cache_read_input_tokens, 0) AS cache_read_input_tokens,
  CASE WHEN i.status = 'succeeded' THEN coalesce(i.latency_ms, 0) ELSE 0 END AS latency_ms,
  coalesce(i.cost_usd, 0) AS cost_usd, coalesce(i.cost_without_cache_usd, i.cost_usd, 0) AS cost_without_cache_usd`;

const ANSWERED = `i.status = 'succeeded' AND i.latency_ms IS NOT NULL`;
const BUCKET = bucketOf('i.latency_ms');

const summed = SUMS.map((column) => `sum(${column}) AS ${column}`).join(', ');

/** Locks rows in no particular order, so compactions must be one at a time. */
const addTo = (table: string, keys: readonly string[], sums: readonly string[], where = 'true'): string => `
  INSERT INTO ${table} AS kept (${[...keys, ...sums].join(', ')})
  SELECT ${[...keys, ...sums.map((column) => `sum(${column})`)].join(', ')} FROM batch WHERE ${where}
  GROUP BY ${keys.join(', ')}
  ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${sums.map((column) => `${column} = kept.${column} + excluded.${column}`).join(', ')}`;

/**
 * $1 how many calls at most. Moves them into every rollup and marks them, in one statement. A row that somebody holds, such as
 * who is about to delete it, is left for the next time.
 */
export const COMPACT = `
  WITH batch AS MATERIALIZED (
    SELECT i.id, ${DIMENSIONS}, ${ONE_CALL}, CASE WHEN ${ANSWERED} THEN ${BUCKET} END AS bucket
    FROM llm_interactions i WHERE ${NOT_ROLLED_UP}
    ORDER BY i.request_timestamp LIMIT $1
    FOR UPDATE SKIP LOCKED
  ), marked AS (
    UPDATE llm_interactions i SET rolled_up = true FROM batch WHERE i.id = batch.id
  ), totals AS (${addTo('llm_total_usage', ROLLUPS.llm_total_usage, SUMS)}
  ), days AS (${addTo('llm_daily_usage', ROLLUPS.llm_daily_usage, SUMS)}
  ), workflows AS (${addTo('llm_workflow_usage', ROLLUPS.llm_workflow_usage, SUMS, 'workflow_id IS NOT NULL')}
  ), latencies AS (${addTo('llm_latency_buckets', ['model', 'bucket'], ['answers'], 'bucket IS NOT NULL')}
  )
  SELECT count(*)::int AS calls FROM batch`;

/** Begins a statement that reads: what the rollups do not have, and what nobody knows the cost of. Few rows, each by its partial index. */
const LIVE = `
  WITH tail AS MATERIALIZED (
    SELECT ${DIMENSIONS}, ${ONE_CALL} FROM llm_interactions i WHERE ${NOT_ROLLED_UP}
  ), doubt AS MATERIALIZED (
    SELECT ${DIMENSIONS}, l.reserved_usd FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id
    WHERE i.status = 'in_doubt' AND l.status = 'in_doubt'
  )`;

/** A rollup with all that belongs to it and is not in it. */
function whole(rollup: Rollup): string {
  const keys = ROLLUPS[rollup].join(', ');
  const nothing = SUMS.map(() => '0').join(', ');
  return `(SELECT ${keys}, ${SUMS.join(', ')}, 0 AS in_doubt_requests, 0 AS in_doubt_usd FROM ${rollup}
    UNION ALL SELECT ${keys}, ${SUMS.join(', ')}, 0, 0 FROM tail
    UNION ALL SELECT ${keys}, ${nothing}, 1, reserved_usd FROM doubt)`;
}

const summedWhole = `${summed}, sum(in_doubt_requests) AS in_doubt_requests, sum(in_doubt_usd) AS in_doubt_usd`;

/** $1, $2 first and last day. Everything there ever was by model and origin, and the days; either `day` or the other two are null. */
export const STATS = `${LIVE}
  SELECT model, origin, NULL AS day, ${summedWhole} FROM ${whole('llm_total_usage')} AS calls GROUP BY model, origin
  UNION ALL
  SELECT NULL, NULL, to_char(day, 'YYYY-MM-DD'), ${summedWhole} FROM ${whole('llm_daily_usage')} AS calls
  WHERE day BETWEEN $1::date AND $2::date GROUP BY day`;

/** Answers of all times by model and latency bucket. */
export const LATENCIES = `
  SELECT model, bucket, sum(answers) AS answers
  FROM (SELECT model, bucket, answers FROM llm_latency_buckets
        UNION ALL
        SELECT i.model, ${BUCKET}, 1 FROM llm_interactions i WHERE ${NOT_ROLLED_UP} AND ${ANSWERED}) AS calls
  GROUP BY model, bucket`;

const IN_PERIOD = 'day BETWEEN $1::date AND $2::date';

/** What costs can be listed by, as the SQL of its key. */
const KEYS = {
  principal: 'principal_id',
  model: 'model',
  day: `to_char(day, 'YYYY-MM-DD')`,
  workflow: 'workflow_id::text',
  origin: 'origin',
} as const;
export const COST_KEYS = Object.keys(KEYS) as (keyof typeof KEYS)[];
export type CostKey = keyof typeof KEYS;

/** A workflow is called by its goal as long as it stands. */
const LABELLED = 'left(w.goal, 200)';

/**
 * $1, $2 first and last day, $3, $4 rank and key after which the page begins (null: the first), $5 how many items. The dearest
 * first, days the newest first, each with the sums over the whole period, which come alone when there is no item.
 */
function costs(by: CostKey): string {
  const isByWorkflow = by === 'workflow';
  const rank = by === 'day' ? `min(day) - date '1970-01-01'` : 'sum(cost_usd)';
  return `${LIVE}, items AS MATERIALIZED (
    SELECT ${KEYS[by]} AS key, (${rank})::numeric AS rank, ${summedWhole}
    FROM ${whole(isByWorkflow ? 'llm_workflow_usage' : 'llm_daily_usage')} AS calls
    WHERE ${IN_PERIOD} ${isByWorkflow ? 'AND workflow_id IS NOT NULL' : ''}
    GROUP BY 1
  ), page AS (
    SELECT * FROM items WHERE $3::numeric IS NULL OR (rank, key) < ($3::numeric, $4::text)
    ORDER BY rank DESC, key DESC LIMIT $5
  ), total AS (
    SELECT coalesce(sum(requests), 0) AS requests, coalesce(sum(cost_usd), 0) AS cost_usd, coalesce(sum(in_doubt_usd), 0) AS in_doubt_usd
    FROM ${isByWorkflow ? `${whole('llm_daily_usage')} AS calls WHERE ${IN_PERIOD}` : 'items'}
  )
  SELECT p.key, p.rank, ${isByWorkflow ? LABELLED : 'NULL'} AS label, p.requests, p.cost_usd, p.in_doubt_usd, p.input_tokens,
    p.output_tokens, p.cache_read_input_tokens, p.cost_without_cache_usd,
    t.requests AS total_requests, t.cost_usd AS total_cost_usd, t.in_doubt_usd AS total_in_doubt_usd
  FROM total t LEFT JOIN page p ON true ${isByWorkflow ? 'LEFT JOIN workflows w ON w.id = p.key::uuid' : ''}
  ORDER BY p.rank DESC, p.key DESC`;
}

export const COSTS: Readonly<Record<CostKey, string>> = {
  principal: costs('principal'),
  model: costs('model'),
  day: costs('day'),
  workflow: costs('workflow'),
  origin: costs('origin'),
};
