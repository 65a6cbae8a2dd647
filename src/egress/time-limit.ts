import { type Deadline, withDeadline } from '../waiting/deadline.js';

/** A deadline that says why it aborted, also for what cannot be aborted itself. */
export class TimeLimit {
  private readonly deadline: Deadline;

  constructor(outer: AbortSignal | undefined, timeoutMs: number) {
    this.deadline = withDeadline(outer, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.deadline.signal;
  }

  /** Why it aborted. */
  get reason(): 'timeout' | 'aborted' | undefined {
    if (this.deadline.isOver()) return 'timeout';
    return this.signal.aborted ? 'aborted' : undefined;
  }

  /** For what cannot be aborted itself. It rejects as soon as the signal aborts, whatever the work does. */
  async race<Value>(work: Promise<Value>): Promise<Value> {
    const { signal } = this;
    signal.throwIfAborted();
    let stop: () => void = () => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  dispose(): void {
    this.deadline.dispose();
  }
}
