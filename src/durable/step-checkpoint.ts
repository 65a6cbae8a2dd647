import { afterCommit } from '../database/after-commit.js';
import type { Transaction } from '../database/sql.js';
import { isLostClaim, readCheckpoint, writeCheckpoint, type RunningStep } from './dbos.js';

/**
 * The checkpoint of a step whose effect may write it with its own rows: one commit fewer, and no moment in which the rows stand and the
 * checkpoint does not.
 */
export class StepCheckpoint<T> {
  private wasSent = false;
  private committed: { readonly result: T } | undefined;

  constructor(private readonly step: RunningStep) {}

  async write(tx: Transaction, result: T): Promise<void> {
    this.wasSent = true;
    const kept = (await writeCheckpoint(tx, this.step, result)) as T;
    afterCommit(tx, () => (this.committed = { result: kept }));
  }

  /** What of the step holds: what was committed with its rows, or else what `run` brings. A commit may have been done without an answer. */
  async outcomeOf(run: () => Promise<T>): Promise<{ readonly result: T; readonly hasCheckpoint: boolean }> {
    const [ended] = await Promise.allSettled([run()]);
    // What stands then is somebody else's, who goes on with the function.
    if (this.committed === undefined && ended.status === 'rejected' && isLostClaim(ended.reason)) throw ended.reason;
    const standing = this.committed ?? (this.wasSent ? await readCheckpoint(this.step) : undefined);
    if (standing !== undefined) return { result: standing.result as T, hasCheckpoint: true };
    if (ended.status === 'rejected') throw ended.reason;
    return { result: ended.value, hasCheckpoint: false };
  }
}
