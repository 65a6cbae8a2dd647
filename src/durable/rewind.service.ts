import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/sql.js';
import { DURABLE_SCHEMA } from './dbos.js';
import { recordedFunctions, type FunctionRow, type RecordedFunction, type StepRow } from './rewind.rules.js';
import { heldFamilies, STATUS, UNCLAIMED } from './workflow-status.sql.js';

/** Reads what durable functions did, and has them do the end of it again. In transactions of the caller, before its own rows. */
@Injectable()
export class Rewind {
  /** A function that ended, and all it started, first the top one; held until `tx` ends. */
  async history(tx: Transaction, durableId: string): Promise<RecordedFunction[]> {
    const functions = await tx.query<FunctionRow>(
      heldFamilies(
        'w.workflow_uuid AS id, w.status, i.inputs',
        `LEFT JOIN ${DURABLE_SCHEMA}.workflow_input i ON i.workflow_uuid = w.workflow_uuid`,
      ),
      [[durableId]],
    );
    const steps = await tx.query<StepRow>(
      `SELECT workflow_uuid AS id, function_id AS step, function_name AS name, child_workflow_id AS "childId", output,
              error IS NOT NULL AS "hasThrown"
         FROM ${DURABLE_SCHEMA}.operation_outputs WHERE workflow_uuid = ANY($1) ORDER BY workflow_uuid, function_id`,
      [functions.map(({ id }) => id)],
    );
    return recordedFunctions(functions, steps);
  }

  /**
   * Forgets what these functions did from a step on. The top one runs again as soon as `tx` commits, from that step; the others as
   * soon as the function that started them starts them again, which it has to have been rewound for.
   */
  async rewind(tx: Transaction, topId: string, cuts: ReadonlyMap<string, number>): Promise<void> {
    const ids = [...cuts.keys()];
    await tx.query(
      `DELETE FROM ${DURABLE_SCHEMA}.operation_outputs o USING unnest($1::text[], $2::int[]) AS cut(id, step)
        WHERE o.workflow_uuid = cut.id AND o.function_id >= cut.step`,
      [ids, [...cuts.values()]],
    );
    await tx.query(`DELETE FROM ${DURABLE_SCHEMA}.workflow_output WHERE workflow_uuid = ANY($1)`, [ids]);
    const others = ids.filter((id) => id !== topId);
    await tx.query(`DELETE FROM ${DURABLE_SCHEMA}.workflow_input WHERE workflow_uuid = ANY($1)`, [others]);
    await tx.query(`DELETE FROM ${STATUS} WHERE workflow_uuid = ANY($1)`, [others]);
    await tx.query(
      `UPDATE ${STATUS}
          SET ${UNCLAIMED}, queue_name = 'workflows', recovery_attempts = 0, deduplication_id = NULL,
              workflow_deadline_epoch_ms = NULL, completed_at = NULL, output = NULL, error = NULL
        WHERE workflow_uuid = $1`,
      [topId],
    );
  }
}
