/**
 * DBOS, its steps, checkpoints and claims. This file and dbos-queues.ts alone import it; others know its tables, and ask them in SQL. Its
 * internal exports are not covered by semantic versioning, so package.json pins the exact version and test/durable/dbos.spec.ts fails when one
 * of them is gone or means something else.
 */
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import {
  currentOwnerXid,
  functionIDGetIncrement,
  getCurrentContextStore,
  runInStepContext,
} from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { DBOSUnexpectedStepError, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk/internal/error';
import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import type { Transaction } from '../database/sql.js';

export { DBOS, DBOSClient, ensureSystemDatabase };

/** The schema of the durable engine's tables, in the application's database. */
export const DURABLE_SCHEMA = 'durable';

/** Never changes: recovery and dequeue take only workflows of their own version. A changed flow goes behind `DBOS.patch`. */
export const DURABLE_VERSION = 'nyx-1';

export const APPLICATION_NAME = 'nyx';

/** A step that is under way, as its checkpoint names it. */
export interface RunningStep {
  readonly durableId: string;
  readonly stepId: number;
  readonly name: string;
  readonly startedAtMs: number;
}

const IS_FIRST_TIME = `
  SELECT EXISTS (SELECT FROM ${DURABLE_SCHEMA}.workflow_status WHERE workflow_uuid = $1 AND status <> 'CANCELLED')
     AND NOT EXISTS (SELECT FROM ${DURABLE_SCHEMA}.operation_outputs WHERE workflow_uuid = $1 AND function_id = $2) AS "isFirstTime"`;

/**
 * A step of the durable function that runs here, as `DBOS.runStep` is one, but that its effect may have written the checkpoint itself, and
 * that one statement instead of three tells that it was never run. Its number is taken before anything is awaited. It has no tries, no
 * time limit, no span and no signal of DBOS.
 */
export async function effectStep<T>(
  name: string,
  effect: (step: RunningStep) => Promise<{ readonly result: T; readonly hasCheckpoint: boolean }>,
): Promise<T> {
  const { durableId } = currentClaim();
  const executor = executorOf(durableId);
  const { systemDatabase, serializer } = executor;
  const step = { durableId, stepId: functionIDGetIncrement(), name, startedAtMs: Date.now() };
  const { stepId, startedAtMs } = step;
  const context = { ...getCurrentContextStore() };
  const looked = await systemDatabase.pool
    .query<{ isFirstTime: boolean }>({ name: 'nyx_is_first_time', text: IS_FIRST_TIME, values: [durableId, stepId] })
    .catch(() => undefined);
  if (looked?.rows[0]?.isFirstTime !== true) {
    // Which waits for a database that is away, and throws when the function is cancelled.
    const stored = await systemDatabase.getOperationResultAndThrowIfCancelled(durableId, stepId);
    if (stored !== undefined) {
      const { functionName = '' } = stored;
      if (functionName !== name) throw new DBOSUnexpectedStepError(durableId, stepId, name, functionName);
      return DBOSExecutor.reviveResultOrError<T>(stored, serializer);
    }
  }
  assertRunning(executor, durableId);
  let kept: { readonly result: T; readonly hasCheckpoint: boolean };
  try {
    kept = await runInStepContext(context, stepId, NO_ATTEMPTS, () => effect(step));
  } catch (error) {
    // Nothing is known of the step then: whoever runs the function does it.
    if (isLostClaim(error)) throw error;
    assertRunning(executor, durableId);
    await systemDatabase.recordOperationError(durableId, stepId, name, startedAtMs, error);
    throw error;
  }
  if (kept.hasCheckpoint) return kept.result;
  const output = await serializer.stringify(kept.result);
  const checkpoint = { output, serialization: serializer.name() };
  await systemDatabase.recordOperationResult(durableId, stepId, name, true, startedAtMs, Date.now(), checkpoint);
  // As a replay reads it.
  return (await serializer.parse(output)) as T;
}

const NO_ATTEMPTS = { getCancelSignal: () => new AbortController().signal };

/**
 * Writes the checkpoint of a running step, whose `result` it is, in a transaction that is fenced.
 * @returns the result as a replay reads it
 */
export async function writeCheckpoint(tx: Transaction, step: RunningStep, result: unknown): Promise<unknown> {
  const { serializer, systemDatabase } = executorOf(step.durableId);
  const output = await serializer.stringify(result);
  tx.send(
    `INSERT INTO ${DURABLE_SCHEMA}.operation_outputs (workflow_uuid, function_id, output, function_name, started_at_epoch_ms,
            completed_at_epoch_ms, serialization, application_name, retention_timestamp)
     SELECT $1, $2, $3, $4, $5, now.ms, $6, $7, now.ms FROM (SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms) now`,
    [
      step.durableId,
      step.stepId,
      output,
      step.name,
      step.startedAtMs,
      serializer.name(),
      systemDatabase.appName ?? null,
    ],
  );
  return serializer.parse(output);
}

/** The result in a step's checkpoint, and undefined where it has none. */
export async function readCheckpoint({
  durableId,
  stepId,
}: RunningStep): Promise<{ readonly result: unknown } | undefined> {
  const { serializer, systemDatabase } = executorOf(durableId);
  const stored = await systemDatabase.getOperationResultAndThrowIfCancelled(durableId, stepId);
  return stored && { result: await DBOSExecutor.reviveResultOrError(stored, serializer) };
}

/**
 * Runs a durable function whole. What it meets when its engine ends, or another begins, is none of its results: somebody else goes on with
 * it.
 */
export async function whileEngineRuns<T>(work: () => Promise<T>): Promise<T> {
  const { durableId } = currentClaim();
  const executor = executorOf(durableId);
  try {
    return await work();
  } catch (error) {
    assertRunning(executor, durableId);
    throw error;
  }
}

/** @throws a lost claim when the engine is not there, or about to end */
function executorOf(durableId: string): DBOSExecutor {
  const executor = DBOSExecutor.globalInstance;
  if (executor?.initialized !== true) throw lostClaim(durableId);
  return executor;
}

function assertRunning(executor: DBOSExecutor, durableId: string): void {
  if (executorOf(durableId) !== executor) throw lostClaim(durableId);
}

function runningExecutor(): DBOSExecutor {
  const executor = DBOSExecutor.globalInstance;
  if (executor === undefined) throw new Error('The durable engine is not running.');
  return executor;
}

/** Hands the unfinished workflows of an executor to whoever dequeues them next: attempts, queue and deadline are kept. */
export async function reassignWorkflowsOf(executorId: string): Promise<number> {
  return (await runningExecutor().recoverPendingWorkflows([executorId])).length;
}

/** Whether a run of this durable function is under way in this process. */
export const runsHere = (durableId: string): boolean =>
  DBOSExecutor.globalInstance?.systemDatabase.checkForRunningWorkflow(durableId) === true;

/** The id of the durable function that runs here and the token of its claim: whoever claims it next gets another one. */
export function currentClaim(): { durableId: string; ownerToken: string } {
  const durableId = DBOS.workflowID;
  const ownerToken = durableId === undefined ? undefined : currentOwnerXid(durableId);
  if (durableId === undefined || ownerToken === undefined) throw new Error('Not inside a durable function.');
  return { durableId, ownerToken };
}

/** What a step throws whose workflow was claimed by another executor: the run is given up, not failed. */
export const lostClaim = (durableId: string): Error => new DBOSWorkflowConflictError(durableId);

export const isLostClaim = (error: unknown): boolean => error instanceof DBOSWorkflowConflictError;
