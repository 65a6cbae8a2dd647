/** Aborts with `outer` or after a time. Holds nothing once it is disposed of, unlike `AbortSignal.any` on Node 20. */
export class TimeLimit {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort(new Error('aborted'));
  private readonly timer: NodeJS.Timeout;
  private isOver = false;

  constructor(
    private readonly outer: AbortSignal,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort(new Error('timeout'));
    }, timeoutMs);
    if (outer.aborted) this.follow();
    else outer.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why it aborted. */
  get reason(): 'timeout' | 'aborted' | undefined {
    if (this.isOver) return 'timeout';
    return this.controller.signal.aborted ? 'aborted' : undefined;
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
    clearTimeout(this.timer);
    this.outer.removeEventListener('abort', this.follow);
  }
}
