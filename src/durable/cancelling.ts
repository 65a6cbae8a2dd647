import type { Sql } from '../database/sql.js';
import { NOW_MS, STATUS } from './workflow-status.sql.js';

const CANCEL = `
  UPDATE ${STATUS}
     SET status = 'CANCELLED', owner_xid = NULL, queue_name = NULL, deduplication_id = NULL, started_at_epoch_ms = NULL,
         updated_at = ${NOW_MS}, completed_at = ${NOW_MS}
   WHERE workflow_uuid = ANY($1) AND status NOT IN ('SUCCESS', 'ERROR')`;

/**
 * Cancels a function and all that it started. Level by level: who starts a child holds its own row until that is committed, so that after a level
 * all there is of the next one can be seen, and none can be added.
 */
export async function cancelFamily(sql: Sql, durableId: string): Promise<void> {
  let level = [durableId];
  while (level.length > 0) {
    await sql.query(CANCEL, [level]);
    const children = await sql.query<{ id: string }>(
      `SELECT workflow_uuid AS id FROM ${STATUS} WHERE parent_workflow_id = ANY($1)`,
      [level],
    );
    level = children.map(({ id }) => id);
  }
}
