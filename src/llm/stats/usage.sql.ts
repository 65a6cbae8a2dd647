import { bucketOf } from './latency.rules.js';
import { TOTALLED_KINDS, USAGE_KINDS, type TotalledKind, type UsageKind } from './usage.values.js';

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
const sumColumns = SUMS.join(', ');

/** Sums over rollups, tail and calls in doubt, as the driver reads them: exact. */
export type SummedRow = Readonly<Record<(typeof SUMS)[number] | 'in_doubt_requests' | 'in_doubt_usd', string>>;

/** The key of a call in the rollups of a kind; null when it is in none. */
const KEYS: Readonly<Record<UsageKind, string>> = {
  principal: `coalesce(i.principal_id, 'unknown')`,
  model: 'i.model',
  day: `to_char(i.request_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  workflow: 'i.workflow_id::text',
  origin: 'i.origin',
};

const DIMENSIONS = `(i.request_timestamp AT TIME ZONE 'UTC')::date AS day,
  ${USAGE_KINDS.map((kind) => `${KEYS[kind]} AS ${kind}_key`).join(', ')}`;

/** An answer that could not be written has a cost, but nobody knows what it had been without a cache. */
const ONE_CALL = `1 AS requests, (i.status = 'succeeded')::int AS answers, coalesce(i.success, false)::int AS successes,
  (i.retry_count > 0)::int AS retries, i.cache_hit::int AS cache_hits, coalesce(i.token_count_input, 0) AS input_tokens,
  coalesce(i.token_count_output, 0) AS output_tokens,
  coalesce(i.cache_creation_input_tokens, 0) AS cache_creation_input_tokens,
  coalesce(i.cache_read_input_tokens, 0) AS cache_read_input_tokens,
  CASE WHEN i.status = 'succeeded' THEN coalesce(i.latency_ms, 0) ELSE 0 END AS latency_ms,
  coalesce(i.cost_usd, 0) AS cost_usd, coalesce(i.cost_without_cache_usd, i.cost_usd, 0) AS cost_without_cache_usd,
  CASE WHEN i.status = 'succeeded' AND i.latency_ms IS NOT NULL THEN ${bucketOf('i.latency_ms')} END AS bucket`;

const CALL_COLUMNS = ['day', ...USAGE_KINDS.map((kind) => `${kind}_key`), ...SUMS, 'bucket'].join(', ');

/**
 * Calls by their ids. Of an array the planner expects a few elements, however many there are: it looks each up by the index in a
 * large table, and never reads a table once for each. So plans may be kept while queue and calls grow.
 */
const callsOf = (ids: string): string => `(
    SELECT ${DIMENSIONS}, ${ONE_CALL}
    FROM unnest(ARRAY(SELECT interaction_id FROM ${ids})) AS q (id) JOIN llm_interactions i ON i.id = q.id) AS calls`;

/** What the rollups do not have: calls that ended and that no compaction took yet. */
const QUEUED = callsOf('llm_usage_queue');

/** Adds what `from` selects to the rows of these keys. Locks rows in no particular order: one compaction at a time. */
const addTo = (table: string, keys: readonly string[], sums: readonly string[], from: string): string => `
    INSERT INTO ${table} AS kept (${[...keys, ...sums].join(', ')})
    SELECT ${[...keys, ...sums.map((column) => `sum(${column})`)].join(', ')} FROM ${from}
    GROUP BY ${keys.join(', ')}
    ON CONFLICT (${keys.join(', ')}) DO UPDATE SET
      ${sums.map((column) => `${column} = kept.${column} + excluded.${column}`).join(', ')}`;

/** A call of the batch once for each of these kinds that it has a key of. */
const batchBy = (kinds: readonly UsageKind[]): string =>
  `batch CROSS JOIN LATERAL (VALUES ${kinds.map((kind) => `('${kind}', ${kind}_key)`).join(', ')}) AS by (kind, key)
    WHERE key IS NOT NULL`;

/** Calls that one statement takes at most; in its text, for a parameter would be planned as a share of all calls there are. */
export const BATCH = 5_000;

/**
 * Moves a batch of calls from the queue into every rollup, in one statement. Queue rows are named by their places: whatever is
 * final is changed by nobody else, and one compaction runs at a time.
 */
export const COMPACT = `
  WITH taken AS (
    DELETE FROM llm_usage_queue
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM llm_usage_queue WHERE final_at <= now() LIMIT ${BATCH}))
    RETURNING interaction_id
  ), batch AS MATERIALIZED (
    SELECT ${CALL_COLUMNS} FROM ${callsOf('taken')}
  ), days AS (${addTo('llm_usage_rollups', ['kind', 'day', 'key'], SUMS, batchBy(USAGE_KINDS))}
  ), totals AS (${addTo('llm_usage_totals', ['kind', 'key'], SUMS, batchBy(TOTALLED_KINDS))}
  ), latencies AS (${addTo('llm_latency_buckets', ['model', 'bucket'], ['answers'], '(SELECT model_key AS model, bucket, answers FROM batch WHERE bucket IS NOT NULL) AS answered')}
  )
  SELECT count(*)::int AS calls FROM batch`;

/** A parameter of a statement, whose value is a principal; undefined: the statement is about all. */
type Of = `$${number}` | undefined;

/** Rollups mix principals: of one alone every call that ended is read. */
const tailOf = (of: Of): string =>
  of === undefined
    ? QUEUED
    : `(SELECT ${DIMENSIONS}, ${ONE_CALL} FROM llm_interactions i
        WHERE i.principal_id = ${of} AND i.status IN ('succeeded', 'failed')) AS calls`;
const rollupsFor = (of: Of): string => (of === undefined ? '' : ' AND false');

/** Begins a statement that reads: what the rollups do not have, and what nobody knows the cost of. */
const live = (of: Of): string => `
  WITH tail AS MATERIALIZED (
    SELECT ${CALL_COLUMNS} FROM ${tailOf(of)}
  ), doubt AS MATERIALIZED (
    SELECT ${DIMENSIONS}, l.reserved_usd FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id
    WHERE i.status = 'in_doubt' AND l.status = 'in_doubt'${of === undefined ? '' : ` AND i.principal_id = ${of}`}
  )`;

/** What the rollups say, with all that is not in them. */
const completed = (rollups: string, kind: UsageKind, where: string): string =>
  `(SELECT day, key, ${sumColumns}, 0 AS in_doubt_requests, 0 AS in_doubt_usd FROM ${rollups}
    UNION ALL SELECT day, ${kind}_key, ${sumColumns}, 0, 0 FROM tail WHERE ${where}
    UNION ALL SELECT day, ${kind}_key, ${SUMS.map(() => '0').join(', ')}, 1, reserved_usd FROM doubt WHERE ${where}) AS calls
  WHERE key IS NOT NULL`;

const IN_PERIOD = 'day BETWEEN $1::date AND $2::date';

const inPeriod = (kind: UsageKind, of: Of): string =>
  completed(`llm_usage_rollups WHERE kind = '${kind}' AND ${IN_PERIOD}${rollupsFor(of)}`, kind, IN_PERIOD);
const ofAllTimes = (kind: TotalledKind, of: Of): string =>
  completed(
    `(SELECT kind, NULL::date AS day, key, ${sumColumns} FROM llm_usage_totals) AS t WHERE kind = '${kind}'${rollupsFor(of)}`,
    kind,
    'true',
  );

const summed = [...SUMS, 'in_doubt_requests', 'in_doubt_usd'].map((column) => `sum(${column}) AS ${column}`).join(', ');

/** $1, $2 first and last day. All there ever was by model and by origin, and what there was on the days. */
const stats = (of?: Of): string => `${live(of)}
  SELECT 'model' AS kind, key, ${summed} FROM ${ofAllTimes('model', of)} GROUP BY key
  UNION ALL SELECT 'origin', key, ${summed} FROM ${ofAllTimes('origin', of)} GROUP BY key
  UNION ALL SELECT 'day', key, ${summed} FROM ${inPeriod('day', of)} GROUP BY key`;
export const STATS = stats();
/** $3 the principal. */
export const OWN_STATS = stats('$3');

/**
 * $1, $2 first and last day. One row of all there ever was, one of each of the days, and one whose `buckets` says how many answers of
 * all times fell into which latency bucket.
 */
export const SUMMARY = `${live(undefined)}
  SELECT 'total' AS kind, NULL AS key, ${summed}, NULL::json AS buckets FROM ${ofAllTimes('model', undefined)}
  UNION ALL SELECT 'day', key, ${summed}, NULL FROM ${inPeriod('day', undefined)} GROUP BY key
  UNION ALL SELECT 'latency', NULL, ${[...SUMS, 'in_doubt_requests', 'in_doubt_usd'].map(() => '0').join(', ')},
    (SELECT json_object_agg(bucket, answers)
       FROM (SELECT bucket, sum(answers) AS answers
               FROM (SELECT bucket, answers FROM llm_latency_buckets
                     UNION ALL SELECT bucket, 1 FROM tail WHERE bucket IS NOT NULL) AS calls
              GROUP BY bucket) AS sums)`;

/** Answers of all times: for each model how many fell into which latency bucket, as an object. */
const latencies = (of?: Of): string => `
  SELECT model, json_object_agg(bucket, answers) AS buckets
  FROM (SELECT model, bucket, sum(answers) AS answers
        FROM (SELECT model, bucket, answers FROM llm_latency_buckets WHERE true${rollupsFor(of)}
              UNION ALL
              SELECT model_key, bucket, 1 FROM ${tailOf(of)} WHERE bucket IS NOT NULL) AS calls
        GROUP BY model, bucket) AS sums
  GROUP BY model`;
export const LATENCIES = latencies();
/** $1 the principal. */
export const OWN_LATENCIES = latencies('$1');

/**
 * $1, $2 first and last day, $3, $4 rank and key after which the page begins (null: the first), $5 how many items. The dearest
 * first, days the newest first, each with the sums of the whole period, which come alone when there is no item. A workflow is
 * called by its goal as long as it stands.
 */
function costs(by: UsageKind, of?: Of): string {
  const rank = by === 'day' ? `min(day) - date '1970-01-01'` : 'sum(cost_usd)';
  const [label, labels] =
    by === 'workflow' ? ['left(w.goal, 200)', 'LEFT JOIN workflows w ON w.id = p.key::uuid'] : ['NULL', ''];
  return `${live(of)}, items AS (
    SELECT key, (${rank})::numeric AS rank, ${summed} FROM ${inPeriod(by, of)} GROUP BY key
  ), page AS (
    SELECT key, rank, requests, cost_usd, in_doubt_usd, input_tokens, output_tokens, cache_read_input_tokens, cost_without_cache_usd
    FROM items WHERE $3::numeric IS NULL OR (rank, key) < ($3::numeric, $4::text)
    ORDER BY rank DESC, key DESC LIMIT $5
  ), total AS (
    SELECT coalesce(sum(requests), 0) AS requests, coalesce(sum(cost_usd), 0) AS cost_usd,
           coalesce(sum(in_doubt_usd), 0) AS in_doubt_usd
    FROM ${inPeriod('day', of)}
  )
  SELECT p.key, p.rank, ${label} AS label, p.requests, p.cost_usd, p.in_doubt_usd, p.input_tokens, p.output_tokens,
    p.cache_read_input_tokens, p.cost_without_cache_usd,
    t.requests AS total_requests, t.cost_usd AS total_cost_usd, t.in_doubt_usd AS total_in_doubt_usd
  FROM total t LEFT JOIN page p ON true ${labels}
  ORDER BY p.rank DESC, p.key DESC`;
}

export const COSTS: Readonly<Record<UsageKind, string>> = {
  principal: costs('principal'),
  model: costs('model'),
  day: costs('day'),
  workflow: costs('workflow'),
  origin: costs('origin'),
};

/** $6 the principal. */
export const OWN_COSTS: Readonly<Record<UsageKind, string>> = {
  principal: costs('principal', '$6'),
  model: costs('model', '$6'),
  day: costs('day', '$6'),
  workflow: costs('workflow', '$6'),
  origin: costs('origin', '$6'),
};
