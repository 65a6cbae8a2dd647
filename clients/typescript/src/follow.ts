import { NyxProblem } from './problem.js';
import type { Secret, Session } from './session.js';
import { Subscription, type WorkflowEvent } from './subscription.js';

export interface FollowOptions {
  /** The last event that is known already. Default: 0, from the first one on. */
  readonly afterSeq?: number;
  /** Ends it: what the signal gives as its reason is thrown. */
  readonly signal?: AbortSignal;
}

const ENDS: readonly string[] = ['workflow.completed', 'workflow.failed', 'workflow.cancelled'];
const RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

export async function* follow(
  url: string,
  session: Session,
  workflowId: string,
  { afterSeq = 0, signal }: FollowOptions,
): AsyncGenerator<WorkflowEvent, void, undefined> {
  let seq = afterSeq;
  let failures = 0;
  let isRenewed = false;
  for (;;) {
    signal?.throwIfAborted();
    const { secret } = session;
    // The last one again: it may have been the end.
    const subscription = new Subscription(url, secret, workflowId, Math.max(0, seq - 1), signal);
    try {
      for await (const event of subscription.events()) {
        signal?.throwIfAborted();
        if (event.seq > seq) {
          seq = event.seq;
          yield event;
        }
        // A workflow that was retried has ended before.
        if (ENDS.includes(event.type) && event.seq >= subscription.lastSeq) return;
      }
    } finally {
      subscription.end();
    }
    const { problem } = subscription;
    if (subscription.isAccepted) {
      failures = 0;
      isRenewed = false;
    }
    if (problem?.error_code === 'UNAUTHENTICATED') {
      if (isRenewed || !(await mayComeAgain(session, secret, signal))) throw problem;
      isRenewed = session.secret !== secret;
    } else if (problem && !problem.isPassing) throw problem;
    await pause(failures, problem, signal);
    failures += 1;
  }
}

/** @throws NyxProblem where the session has ended */
async function mayComeAgain(session: Session, refused: Secret, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return await session.renew(refused, signal);
  } catch (error) {
    if (error instanceof NyxProblem && !error.isPassing) throw error;
    return true;
  }
}

/** Longer from failure to failure, and of another length for each client: they do not all come again at once. */
function pause(failures: number, problem: NyxProblem | undefined, signal: AbortSignal | undefined): Promise<void> {
  const longestMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** failures);
  const ms = Math.max((problem?.retryAfterSeconds ?? 0) * 1_000, longestMs * (0.5 + Math.random() / 2));
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
