/** The queues of DBOS: who is let out of them here, and when. It changes how DBOS polls, for the whole process. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { SystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { wfQueueRunner, type WorkflowQueue } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { setTimeout as sleep } from 'node:timers/promises';

export type { WorkflowQueue };

interface QueuePoller {
  /** Between a launch and a stop. */
  readonly isRunning: boolean;
  pollQueue(executor: DBOSExecutor, queue: WorkflowQueue): Promise<boolean>;
}

const poller = wfQueueRunner as unknown as QueuePoller;
const pollUnserialised = poller.pollQueue.bind(wfQueueRunner);
const lastPolls = new Map<string, Promise<unknown>>();
/** By the clock that nobody sets. */
const polledAtMs = new Map<string, number>();

let takesWork = true;

/** Leaves what is enqueued to other processes, from now on. */
export function leaveWorkToOthers(): void {
  takesWork = false;
}

const placesNow = new Map<string, () => number>();

/** As many functions out of a queue run here as `places` says at that moment. The limit of its row is that of who registered it last. */
export function limitPlaces(queueName: string, places: () => number): void {
  placesNow.set(queueName, places);
}

/** DBOS counts every function that runs, and the queue itself is what its row says. */
function limitedNow(queue: WorkflowQueue): WorkflowQueue {
  const places = placesNow.get(queue.name)?.();
  return places === undefined
    ? queue
    : (Object.create(queue, { workerConcurrency: { value: places } }) as WorkflowQueue);
}

/** Whether as many run here as may. */
const isFull = ({ systemDatabase }: DBOSExecutor, { name, workerConcurrency = Infinity }: WorkflowQueue): boolean =>
  systemDatabase.countRunningWorkflowsForQueue(name) >= workerConcurrency;

/** Queues that gave the last poll as much as there were places, so that there may be more in them. */
const crowded = new Set<string>();

type Claim = SystemDatabase['findAndMarkStartableWorkflows'];
const { findAndMarkStartableWorkflows: claim } = SystemDatabase.prototype as { findAndMarkStartableWorkflows: Claim };
SystemDatabase.prototype.findAndMarkStartableWorkflows = async function (
  this: SystemDatabase,
  ...args: Parameters<Claim>
) {
  const [{ name, workerConcurrency = Infinity }, , , , running = 0] = args;
  const claimed = await claim.apply(this, args);
  if (running + claimed.length >= workerConcurrency) crowded.add(name);
  else crowded.delete(name);
  return claimed;
};

/** Whether something may wait in this queue for a place here, as the polls under way find it. */
export async function isCrowded(queueName: string): Promise<boolean> {
  await lastPolls.get(queueName);
  return crowded.has(queueName);
}

/** Calls back when the function that runs here has given its place in its queue back, which is later than its own end. */
export function onPlaceGivenBack(then: () => Promise<void>): void {
  const durableId = DBOS.workflowID ?? '';
  const runs = DBOSExecutor.globalInstance?.systemDatabase.runningWorkflowMap.get(durableId) ?? [];
  // None of them rejects: DBOS has caught what they may.
  void Promise.all(runs.map(({ promise }) => promise)).then(then);
}

/**
 * DBOS reads how many workflows run here before it claims more, so two polls of one queue at once (its own loop's and ours)
 * would each claim up to the limit: one waits for the other.
 */
poller.pollQueue = (executor, queue) => {
  if (!takesWork) return Promise.resolve(false);
  polledAtMs.set(queue.name, performance.now());
  const before = lastPolls.get(queue.name) ?? Promise.resolve();
  const poll = before.then(async () => {
    if (!poller.isRunning) return false;
    const limited = limitedNow(queue);
    if (!isFull(executor, limited)) return pollUnserialised(executor, limited);
    crowded.add(queue.name);
    return false;
  });
  lastPolls.set(
    queue.name,
    poll.catch(() => undefined),
  );
  return poll;
};

/** Since the last poll of this queue began, whoever asked for it. */
export const sincePollMs = (queueName: string): number => performance.now() - (polledAtMs.get(queueName) ?? -Infinity);

/** Dequeues what is ready now instead of at the next poll (up to a second later). */
export async function pollNow(queue: WorkflowQueue): Promise<void> {
  const executor = DBOSExecutor.globalInstance;
  if (executor?.initialized !== true) return;
  await poller.pollQueue(executor, queue);
}

/** A poll waits for its database for longer than anybody waits for a process that stops. */
const LAST_POLLS_MS = 5_000;

/**
 * Stops dequeueing; what runs goes on. Waits for the polls under way, so that nothing is claimed after this but by what is lost on the way:
 * that is taken over from an executor which is no longer there.
 */
export async function stopDequeueing(): Promise<void> {
  wfQueueRunner.stop();
  await Promise.race([Promise.all(lastPolls.values()), sleep(LAST_POLLS_MS, undefined, { ref: false })]);
}
