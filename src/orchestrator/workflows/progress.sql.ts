/**
 * The share of a workflow's work that is done, 0 to 1, NULL before there are subtasks: those of one parent share its part evenly, so
 * that it grows with every end at any depth and never falls. `root` is the SQL of the root's id.
 */
export const shareDone = (root: string): string => `
  (WITH RECURSIVE walk AS (
     SELECT ${root} AS id, 1::float8 AS share, false AS is_done
     UNION ALL
     SELECT t.id, w.share / count(*) OVER (PARTITION BY t.parent_id), t.status IN ('completed', 'failed', 'cancelled')
       FROM walk w JOIN thought_trees t ON t.parent_id = w.id WHERE NOT w.is_done
   )
   SELECT CASE WHEN count(*) > 1 THEN least(1, coalesce(sum(share) FILTER (WHERE is_done), 0)) END FROM walk)`;
