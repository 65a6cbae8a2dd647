import type { Sql } from '../database/sql.js';
import { DURABLE_SCHEMA } from './dbos.js';

const STATUS = `${DURABLE_SCHEMA}.workflow_status`;

/** A function and all that it started, and these. */
const CANCEL_FAMILY = `
  WITH RECURSIVE family AS (
    SELECT workflow_uuid FROM ${STATUS} WHERE workflow_uuid = $1
    UNION SELECT child.workflow_uuid FROM ${STATUS} child JOIN family ON child.parent_workflow_id = family.workflow_uuid
  )
  UPDATE ${STATUS}
     SET status = 'CANCELLED', owner_xid = NULL, queue_name = NULL, deduplication_id = NULL, started_at_epoch_ms = NULL,
         updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint, completed_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
   WHERE workflow_uuid IN (SELECT workflow_uuid FROM family) AND status NOT IN ('SUCCESS', 'ERROR')`;

const HALF_CANCELLED = `
  WITH RECURSIVE above AS (
    SELECT parent.workflow_uuid, parent.parent_workflow_id FROM ${STATUS} child
      JOIN ${STATUS} parent ON parent.workflow_uuid = child.parent_workflow_id AND parent.status = 'CANCELLED'
     WHERE child.queue_name IN ('branches', 'suspect-branches') AND child.status IN ('ENQUEUED', 'PENDING')
    UNION
    SELECT s.workflow_uuid, s.parent_workflow_id FROM above JOIN ${STATUS} s ON s.workflow_uuid = above.parent_workflow_id
  )
  SELECT workflow_uuid AS id FROM above WHERE parent_workflow_id IS NULL LIMIT 1000`;

/** From the commit on no step of the workflow's functions can write. */
export async function cancelFamily(sql: Sql, workflowId: string): Promise<void> {
  await sql.query(CANCEL_FAMILY, [workflowId]);
}

/**
 * The workflows of which something runs, or will, though who started it was cancelled: it was being started meanwhile, and no cancel saw it.
 * At most 1,000.
 */
export async function halfCancelled(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(HALF_CANCELLED);
  return rows.map(({ id }) => id);
}
