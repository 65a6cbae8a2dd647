import type { Transaction } from '../database/sql.js';
import { DURABLE_SCHEMA } from './dbos.js';
import { heldFamilies } from './workflow-status.sql.js';

/** Rows that name a durable function, all of them (a test asks the schema); where they have a reference, it is to `workflow_status`, so that goes last. */
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
 * Holds durable functions and all that they started until `tx` ends. `DBOS.deleteWorkflows` has a transaction of its own, and leaves what was
 * sent to a function; here either everything of a workflow goes, or nothing.
 * @returns for each of `durableIds` of whose functions all have ended: their ids
 */
export async function holdEnded(tx: Transaction, durableIds: readonly string[]): Promise<Map<string, string[]>> {
  const functions = await tx.query<{ root: string; id: string; status: string }>(
    heldFamilies('family.root, w.workflow_uuid AS id, w.status'),
    [durableIds],
  );
  const ended = new Map<string, string[]>(durableIds.map((id) => [id, []]));
  for (const { root, id } of functions) ended.get(root)?.push(id);
  for (const { root, status } of functions) {
    if (['PENDING', 'ENQUEUED', 'DELAYED'].includes(status)) ended.delete(root);
  }
  return ended;
}

/** Removes every trace of these durable functions. */
export async function eraseFunctions(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const [table, column] of NAMED_BY) {
    await tx.query(`DELETE FROM ${DURABLE_SCHEMA}.${table} WHERE ${column} = ANY($1)`, [ids]);
  }
}
