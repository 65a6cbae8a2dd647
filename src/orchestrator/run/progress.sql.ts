/**
 * The share of a workflow's work that is done, 0 to 1, NULL before there are subtasks: those of one parent share its part by their
 * weights, at any depth. `root` is the SQL of the root's id, `leastWeight` that of what its own parts weigh at least.
 */
export const shareDone = (root: string, leastWeight: string): string => `
  (WITH RECURSIVE walk AS (
     SELECT ${root} AS id, 1::float8 AS share, false AS is_done, ${leastWeight}::float8 AS least
     UNION ALL
     SELECT t.id, w.share * weight / greatest(sum(weight) OVER (PARTITION BY t.parent_id), w.least),
            t.status IN ('completed', 'failed', 'cancelled'), 0
       FROM walk w JOIN thought_trees t ON t.parent_id = w.id
            CROSS JOIN LATERAL (SELECT coalesce((t.metadata->>'weight')::float8, 1) AS weight) AS weighed
      WHERE NOT w.is_done
   )
   SELECT CASE WHEN count(*) > 1 THEN least(1, coalesce(sum(share) FILTER (WHERE is_done), 0)) END FROM walk)`;
