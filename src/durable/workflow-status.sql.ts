import { DURABLE_SCHEMA } from './dbos.js';

/** The durable functions, a row each. */
export const STATUS = `${DURABLE_SCHEMA}.workflow_status`;

export const NOW_MS = '(EXTRACT(EPOCH FROM now()) * 1000)::bigint';

/** What a function is set to that waits for its next claim. In which queue, and after how many attempts, is for who sets it to say. */
export const UNCLAIMED = `status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL, updated_at = ${NOW_MS}`;

/**
 * Selects the functions $1 and all that they started, and holds them until the transaction ends. All who hold more than one do so from the top
 * down, or two of them would wait for each other: a cancel goes level by level, a retry and an erasure do it by this.
 * @param columns of `w`, the function's row, and of `family`: `root`, which of $1 it belongs to, and `depth`
 */
export const heldFamilies = (columns: string, joined = ''): string => `
  WITH RECURSIVE family AS (
    SELECT workflow_uuid AS root, workflow_uuid, 0 AS depth FROM ${STATUS} WHERE workflow_uuid = ANY($1)
    UNION SELECT family.root, child.workflow_uuid, family.depth + 1 FROM ${STATUS} child
            JOIN family ON child.parent_workflow_id = family.workflow_uuid
  )
  SELECT ${columns} FROM family JOIN ${STATUS} w ON w.workflow_uuid = family.workflow_uuid ${joined}
   ORDER BY family.depth, w.workflow_uuid FOR UPDATE OF w`;
