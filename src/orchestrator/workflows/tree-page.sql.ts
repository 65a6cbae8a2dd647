import { exactTime } from '../../http/cursor.js';
import { AGENT_COLUMNS, THOUGHT_COLUMNS } from '../tree-rows.js';

/**
 * A page of thoughts, oldest first, so that a parent never stands behind its children. $1 the workflow, $2, $3 the place before it, $4 how many.
 * @param own a condition of `ofOwner` on t
 */
export const treeThoughts = (own: string): string => `
  SELECT ${THOUGHT_COLUMNS}, t.position, ${exactTime('t.created_at')} AS at
    FROM thought_trees t
   WHERE t.root_id = $1 AND (t.created_at, t.id) > ($2::timestamptz, $3::uuid)${own}
   ORDER BY t.created_at, t.id LIMIT $4`;

/** The first rows of each thought, numbered, with how many it has. Their texts are read only of those that are shown. */
const firstOf = (table: string, columns: string, time: string): string => `
  SELECT ${columns}, row_number() OVER own AS place, count(*) OVER (PARTITION BY thought_tree_id) AS of_thought
    FROM ${table} WHERE thought_tree_id = ANY($1) WINDOW own AS (PARTITION BY thought_tree_id ORDER BY ${time}, id)`;

const excerpt = (column: string): string => `left(i.${column}, excerpts.characters) AS ${column}`;

const omittedOf = (numbered: string): string => `
  SELECT thought_tree_id, of_thought - $2 AS omitted FROM ${numbered} WHERE place = 1 AND of_thought > $2`;

/**
 * What stands under the thoughts $1: of each kind the first $2 rows a thought. Excerpts share $3 characters, 100 to 2,000 each, so the
 * answer is bounded whatever the tree holds.
 */
export const TREE_CONTENTS = `
  WITH a0 AS (${firstOf('agents', 'id, thought_tree_id', 'created_at')}),
       i0 AS (${firstOf('llm_interactions', 'id, thought_tree_id', 'request_timestamp')}),
       e0 AS (${firstOf('tool_executions', 'id, thought_tree_id', 'started_at')}),
       excerpts AS (
         SELECT greatest(100, least(2000, $3 / greatest(1,
                  3 * (SELECT count(*) FROM i0 WHERE place <= $2) + (SELECT count(*) FROM e0 WHERE place <= $2))))::int AS characters),
       omitted AS (${['a0', 'i0', 'e0'].map(omittedOf).join(' UNION ALL ')})
  SELECT (SELECT coalesce(json_agg(x), '[]') FROM (
            SELECT ${AGENT_COLUMNS} FROM a0 JOIN agents a ON a.id = a0.id WHERE a0.place <= $2
             ORDER BY a.created_at, a.id) x) AS agents,
         (SELECT coalesce(json_agg(x), '[]') FROM (
            SELECT i.id, i.thought_tree_id, i.agent_id, i.purpose, i.provider, i.model, i.status,
                   ${['system_prompt', 'prompt_text', 'response_text'].map(excerpt).join(', ')},
                   greatest(length(i.system_prompt), length(i.prompt_text), length(i.response_text)) > excerpts.characters
                     AS is_shortened,
                   i.token_count_input, i.token_count_output, i.cost_usd, i.latency_ms, i.retry_count, i.error_message,
                   i.request_timestamp
              FROM excerpts, i0 JOIN llm_interactions i ON i.id = i0.id WHERE i0.place <= $2
             ORDER BY i.request_timestamp, i.id) x) AS interactions,
         (SELECT coalesce(json_agg(x), '[]') FROM (
            SELECT e.id, e.thought_tree_id, e.agent_id, e.tool_name, e.status, e.rule, e.success, e.error_message, e.duration_ms,
                   e.started_at,
                   CASE WHEN pg_column_size(e.input_parameters) <= excerpts.characters THEN
                     CASE WHEN octet_length(e.input_parameters::text) <= excerpts.characters THEN e.input_parameters END
                   END AS input_parameters
              FROM excerpts, e0 JOIN tool_executions e ON e.id = e0.id WHERE e0.place <= $2
             ORDER BY e.started_at, e.id) x) AS executions,
         (SELECT coalesce(json_object_agg(thought_tree_id, omitted), '{}') FROM (
            SELECT thought_tree_id, sum(omitted)::int AS omitted FROM omitted GROUP BY thought_tree_id) x) AS omitted`;
