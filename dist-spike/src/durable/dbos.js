/**
 * The one file that reaches into DBOS. Its internal exports are not covered by semantic versioning, so package.json pins
 * the exact version and test/durable/dbos.spec.ts fails when one of them is gone or means something else.
 */
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { currentOwnerXid } from '@dbos-inc/dbos-sdk/internal/context';
import { runTransactionalInternalStep } from '@dbos-inc/dbos-sdk/internal/dbos';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { DBOSError, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk/internal/error';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
export { DBOS, DBOSClient, DBOSError };
/** The schema of the durable engine's tables, in the application's database. */
export const DURABLE_SCHEMA = 'durable';
/** Never changes: recovery and dequeue take only workflows of their own version. A changed flow goes behind `DBOS.patch`. */
export const DURABLE_VERSION = 'nyx-1';
export const APPLICATION_NAME = 'nyx';
/** A step whose statements commit together with its checkpoint. To be called in a durable function, outside steps. */
export function transactionalStep(name, work) {
    return runTransactionalInternalStep((client) => {
        if (client === undefined)
            throw new Error(`The transactional step ${name} was called outside a durable function.`);
        return work(client);
    }, name);
}
/** Dequeues what is ready now instead of at the next poll (up to a second later). */
export async function pollNow(queue) {
    const executor = DBOSExecutor.globalInstance;
    if (executor?.initialized !== true)
        return;
    await wfQueueRunner.pollQueue(executor, queue);
}
/** Stops dequeueing; what runs goes on. */
export function stopDequeueing() {
    wfQueueRunner.stop();
}
/** Hands the unfinished workflows of an executor to whoever dequeues them next: attempts, queue and deadline are kept. */
export async function reassignWorkflowsOf(executorId) {
    const executor = DBOSExecutor.globalInstance;
    if (executor === undefined)
        throw new Error('The durable engine is not running.');
    return (await executor.recoverPendingWorkflows([executorId])).length;
}
/** The id of the durable function that runs here and the token of its claim: whoever claims it next gets another one. */
export function currentClaim() {
    const durableId = DBOS.workflowID;
    const ownerToken = durableId === undefined ? undefined : currentOwnerXid(durableId);
    if (durableId === undefined || ownerToken === undefined)
        throw new Error('Not inside a durable function.');
    return { durableId, ownerToken };
}
/** What a step throws whose workflow was claimed by another executor: the run is given up, not failed. */
export const lostClaim = (durableId) => new DBOSWorkflowConflictError(durableId);
//# sourceMappingURL=dbos.js.map