/** Changes that one statement takes at most. */
export const BATCH = 20_000;

const KEY = 'kind, status, bucket';

/** What changes come to: one more of the status that a row took on, one less of the one that it left. */
const differences = (changes: string): string => `
    SELECT kind, to_status AS status, coalesce(to_bucket, -1) AS bucket, 1 AS count FROM ${changes} WHERE to_status IS NOT NULL
    UNION ALL
    SELECT kind, from_status, coalesce(from_bucket, -1), -1 FROM ${changes} WHERE from_status IS NOT NULL`;

/**
 * Moves a batch of changes into the counts, in one statement. Changes are named by their places: nothing changes one, and one roll-up
 * runs at a time.
 */
export const ROLL_UP = `
  WITH taken AS (
    DELETE FROM status_changes WHERE ctid = ANY (ARRAY(SELECT ctid FROM status_changes LIMIT ${BATCH}))
    RETURNING kind, from_status, from_bucket, to_status, to_bucket
  ), rolled_up AS (
    INSERT INTO status_counts AS kept (${KEY}, count)
    SELECT ${KEY}, sum(count) FROM (${differences('taken')}) AS d GROUP BY ${KEY} HAVING sum(count) <> 0
    ON CONFLICT (${KEY}) DO UPDATE SET count = kept.count + excluded.count
  )
  SELECT count(*)::int AS changes FROM taken`;

/** How many rows of each kind have which status, and of those whose time is kept how many fell into which bucket, as an object. */
export const COUNTS = `
  SELECT kind, status, sum(count)::float8 AS count, json_object_agg(bucket, count) FILTER (WHERE bucket >= 0) AS buckets
    FROM (SELECT ${KEY}, sum(count)::float8 AS count
            FROM (SELECT ${KEY}, count FROM status_counts UNION ALL ${differences('status_changes')}) AS all_of_them
           GROUP BY ${KEY} HAVING sum(count) <> 0) AS counts
   GROUP BY kind, status`;
