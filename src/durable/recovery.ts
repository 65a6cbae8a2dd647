import type pg from 'pg';
import type { Sql } from '../database/sql.js';
import { DURABLE_SCHEMA } from './dbos.js';
import { STATUS, UNCLAIMED } from './workflow-status.sql.js';

/** Crashes in a row, without a finished step in between, after which a workflow runs alone. */
const SUSPECT_AFTER_ATTEMPTS = 3;

/**
 * Gives what an executor has not finished back to its queues: its runs can write no more. That is nobody's fault, so the attempt of the claim
 * is taken back.
 * @returns how many functions
 */
export async function giveBack(pool: pg.Pool, executorId: string): Promise<number> {
  const given = await pool.query(
    `UPDATE ${STATUS}
        SET ${UNCLAIMED}, recovery_attempts = GREATEST(recovery_attempts - 1, 0)
      WHERE executor_id = $1 AND status = 'PENDING' AND queue_name IS NOT NULL`,
    [executorId],
  );
  return given.rowCount ?? 0;
}

/** The queue of who is no suspect. */
const USUAL_QUEUE = `CASE WHEN parent_workflow_id IS NULL THEN 'workflows' ELSE 'branches' END`;

/**
 * Tells the guilty from the bystanders among the workflows a dead executor leaves. Who finished a step since its claim, or
 * waits for children, starts counting anew (1: the claim it had); who has died several times without progress is moved to the queue of suspects.
 * Without this a workflow that kills its process would use up the attempts of all that run beside it. Suspect branches have
 * a queue of their own, or a suspect parent that waits for its branch would hold the only place; a branch that waits for one of its own
 * leaves that queue for the same reason.
 */
export async function judgeAttempts(sql: Sql, executorId: string): Promise<void> {
  await sql.query(
    `UPDATE ${STATUS} s
        SET recovery_attempts = CASE WHEN innocent THEN 1 ELSE recovery_attempts END,
            queue_name = CASE
              WHEN innocent THEN ${USUAL_QUEUE}
              WHEN recovery_attempts < $2 THEN queue_name
              WHEN parent_workflow_id IS NULL THEN 'suspects' ELSE 'suspect-branches' END
       FROM (SELECT w.workflow_uuid,
                    EXISTS (SELECT FROM ${DURABLE_SCHEMA}.operation_outputs o
                             WHERE o.workflow_uuid = w.workflow_uuid AND o.completed_at_epoch_ms >= w.started_at_epoch_ms)
                 OR EXISTS (SELECT FROM ${STATUS} c
                             WHERE c.parent_workflow_id = w.workflow_uuid AND c.status IN ('PENDING', 'ENQUEUED')) AS innocent
               FROM ${STATUS} w WHERE w.executor_id = $1 AND w.status = 'PENDING') judged
      WHERE s.workflow_uuid = judged.workflow_uuid`,
    [executorId, SUSPECT_AFTER_ATTEMPTS],
  );
  await sql.query(
    `UPDATE ${STATUS} p SET queue_name = 'branches'
       FROM ${STATUS} c
      WHERE c.executor_id = $1 AND c.status = 'PENDING' AND c.queue_name = 'suspect-branches'
        AND p.workflow_uuid = c.parent_workflow_id AND p.status = 'PENDING' AND p.queue_name = 'suspect-branches'`,
    [executorId],
  );
}

/**
 * Who waits, for a person or for the end of a pause, has come so far without killing its process: it starts counting anew, and leaves the one
 * place of the suspects to who computes. Otherwise what waits for days would be a suspect after some restarts, and at last given up. Nothing
 * is written of who was never suspected, nor of who has lost its claim.
 */
export async function acquit(sql: pg.Pool, durableId: string, ownerToken: string): Promise<void> {
  await sql.query(
    `UPDATE ${STATUS} SET recovery_attempts = 1, queue_name = ${USUAL_QUEUE}
      WHERE workflow_uuid = $1 AND owner_xid = $2 AND status = 'PENDING'
        AND (recovery_attempts > 1 OR queue_name IN ('suspects', 'suspect-branches'))`,
    [durableId, ownerToken],
  );
}
