/**
 * Runs work at most once every `everyMs`, counted from the beginning of a run by the monotonic clock; the first time at once. Work that
 * says it is not done has ended early so as to be in nobody's way, and may run again at once. Work that fails waits like work that is done:
 * what it fails at is still there a moment later, and whoever came with it would wait for it each time.
 */
export class NowAndThen {
  private dueAtMs = -Infinity;
  private isUnderWay = false;

  constructor(private readonly everyMs: number) {}

  /**
   * Does nothing before it is due, nor while it is under way for another caller.
   * @param work answers whether it is done
   * @returns false when it has to be done again at once
   * @throws what the work throws
   */
  async whenDue(work: () => Promise<boolean>): Promise<boolean> {
    if (this.isUnderWay || performance.now() < this.dueAtMs) return true;
    this.dueAtMs = performance.now() + this.everyMs;
    this.isUnderWay = true;
    try {
      const isDone = await work();
      if (!isDone) this.dueAtMs = -Infinity;
      return isDone;
    } finally {
      this.isUnderWay = false;
    }
  }
}
