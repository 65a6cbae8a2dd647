/**
 * The one file that reaches into DBOS. Its internal exports are not covered by semantic versioning, so package.json pins
 * the exact version and test/durable/dbos.spec.ts fails when one of them is gone or means something else.
 */
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { currentOwnerXid } from '@dbos-inc/dbos-sdk/internal/context';
import { runTransactionalInternalStep } from '@dbos-inc/dbos-sdk/internal/dbos';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk/internal/error';
import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { wfQueueRunner, type WorkflowQueue } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type { PoolClient } from 'pg';

export { DBOS, DBOSClient, ensureSystemDatabase };
export type { WorkflowQueue };

/** The schema of the durable engine's tables, in the application's database. */
export const DURABLE_SCHEMA = 'durable';

/** Never changes: recovery and dequeue take only workflows of their own version. A changed flow goes behind `DBOS.patch`. */
export const DURABLE_VERSION = 'nyx-1';

export const APPLICATION_NAME = 'nyx';

interface QueuePoller {
  pollQueue(executor: DBOSExecutor, queue: WorkflowQueue): Promise<boolean>;
}

/** A step whose statements commit together with its checkpoint. To be called in a durable function, outside steps. */
export function transactionalStep<T>(name: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return runTransactionalInternalStep((client) => {
    if (client === undefined) throw new Error(`The transactional step ${name} was called outside a durable function.`);
    return work(client);
  }, name);
}

const poller = wfQueueRunner as unknown as QueuePoller;
const pollUnserialised = poller.pollQueue.bind(wfQueueRunner);
const lastPolls = new Map<string, Promise<unknown>>();

let takesWork = true;

/** Leaves what is enqueued to other processes, from now on. */
export function leaveWorkToOthers(): void {
  takesWork = false;
}

const freePlaces = new Map<string, () => number>();

/** Of the functions that run here out of a queue, as many as `count` says leave their places to others for now. */
export function leavePlaces(queueName: string, count: () => number): void {
  freePlaces.set(queueName, count);
}

/** DBOS counts every function that runs: what only waits is added to the limit. The queue itself is what its row says. */
function withFreePlaces(queue: WorkflowQueue): WorkflowQueue {
  const free = freePlaces.get(queue.name)?.() ?? 0;
  const { workerConcurrency: limit } = queue;
  if (free === 0 || limit === undefined) return queue;
  return Object.create(queue, { workerConcurrency: { value: limit + free } }) as WorkflowQueue;
}

/**
 * DBOS reads how many workflows run here before it claims more, so two polls of one queue at once (its own loop's and ours)
 * would each claim up to the limit: one waits for the other.
 */
poller.pollQueue = (executor, queue) => {
  if (!takesWork) return Promise.resolve(false);
  const before = lastPolls.get(queue.name) ?? Promise.resolve();
  const poll = before.then(() => pollUnserialised(executor, withFreePlaces(queue)));
  lastPolls.set(
    queue.name,
    poll.catch(() => undefined),
  );
  return poll;
};

/** Dequeues what is ready now instead of at the next poll (up to a second later). */
export async function pollNow(queue: WorkflowQueue): Promise<void> {
  const executor = DBOSExecutor.globalInstance;
  if (executor?.initialized !== true) return;
  await poller.pollQueue(executor, queue);
}

/** Stops dequeueing; what runs goes on. */
export function stopDequeueing(): void {
  wfQueueRunner.stop();
}

/** Hands the unfinished workflows of an executor to whoever dequeues them next: attempts, queue and deadline are kept. */
export async function reassignWorkflowsOf(executorId: string): Promise<number> {
  const executor = DBOSExecutor.globalInstance;
  if (executor === undefined) throw new Error('The durable engine is not running.');
  return (await executor.recoverPendingWorkflows([executorId])).length;
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
