import { afterCommit } from '../database/after-commit.js';
import type { Transaction } from '../database/sql.js';
import { forgetCheckpoint, readCheckpoint, rememberCheckpoint, writeCheckpoint, type RunningStep } from './dbos.js';

/**
 * The checkpoint of a step whose effect may write it with its own rows: one commit fewer, and no moment in which the rows stand and the
 * checkpoint does not.
 */
export class StepCheckpoint<Outcome> {
  private wasSent = false;
  private committed: { readonly result: Outcome } | undefined;

  constructor(private readonly step: RunningStep) {}

  async write(tx: Transaction, result: Outcome): Promise<void> {
    this.wasSent = true;
    await writeCheckpoint(tx, this.step, result);
    afterCommit(tx, () => (this.committed = { result }));
  }

  /** What of the step holds: what was committed with its rows, or else what `run` brings. A commit may have been done without an answer. */
  async outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
    const [ended] = await Promise.allSettled([run()]);
    const standing = this.committed ?? (this.wasSent ? await readCheckpoint(this.step) : undefined);
    if (standing !== undefined) {
      rememberCheckpoint(this.step);
      return standing.result as Outcome;
    }
    if (ended.status === 'rejected') throw ended.reason;
    return ended.value;
  }

  /** To be called when the step is over. */
  forget(): void {
    forgetCheckpoint(this.step);
  }
}
