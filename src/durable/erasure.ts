import type { Transaction } from '../database/sql.js';
import { DURABLE_SCHEMA } from './dbos.js';

/** Rows that name a durable function; where they have a reference, it is to `workflow_status`, so that goes last. */
const NAMED_BY = [
  ['workflow_input', 'workflow_uuid'],
  ['workflow_output', 'workflow_uuid'],
  ['operation_outputs', 'workflow_uuid'],
  ['workflow_events', 'workflow_uuid'],
  ['workflow_events_history', 'workflow_uuid'],
  ['streams', 'workflow_uuid'],
  ['notifications', 'destination_uuid'],
  ['workflow_status', 'workflow_uuid'],
] as const;

/** Where a durable function has rows, in an order in which they can be put back. */
export const DURABLE_TABLES = NAMED_BY.map(([table, column]) => ({
  table: `${DURABLE_SCHEMA}.${table}`,
  column,
})).reverse();

/**
 * Holds a durable function and all that it started until `tx` ends. `DBOS.deleteWorkflows` has a transaction of its own, and leaves what
 * was sent to a function; here either everything of a workflow goes, or nothing.
 * @returns their ids, or undefined while one of them has not ended
 */
export async function holdEnded(tx: Transaction, durableId: string): Promise<string[] | undefined> {
  const functions = await tx.query<{ id: string; status: string }>(
    `WITH RECURSIVE family AS (
       SELECT workflow_uuid FROM ${DURABLE_SCHEMA}.workflow_status WHERE workflow_uuid = $1
       UNION SELECT child.workflow_uuid FROM ${DURABLE_SCHEMA}.workflow_status child
               JOIN family ON child.parent_workflow_id = family.workflow_uuid
     )
     SELECT w.workflow_uuid AS id, w.status FROM family JOIN ${DURABLE_SCHEMA}.workflow_status w USING (workflow_uuid)
      ORDER BY w.workflow_uuid FOR UPDATE OF w`,
    [durableId],
  );
  const hasEnded = functions.every(({ status }) => !['PENDING', 'ENQUEUED', 'DELAYED'].includes(status));
  return hasEnded ? functions.map(({ id }) => id) : undefined;
}

/** Removes every trace of these durable functions. */
export async function eraseFunctions(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const [table, column] of NAMED_BY) {
    await tx.query(`DELETE FROM ${DURABLE_SCHEMA}.${table} WHERE ${column} = ANY($1)`, [ids]);
  }
}
