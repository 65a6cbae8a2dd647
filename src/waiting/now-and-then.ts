/**
 * Work that is due again `everyMs` after it began last: at first at once, and never by a clock that somebody may set. Work that says it is
 * not done is due at once, for it has ended early so as to be in nobody's way; work that fails is not: what it fails at is still there a moment
 * later, and whoever came with it would wait for it each time.
 */
export class NowAndThen {
  private dueAtMs = -Infinity;

  constructor(private readonly everyMs: number) {}

  /**
   * Does nothing before it is due, nor while it is under way.
   * @param work answers whether it is done
   * @returns false when it has to be done again at once
   * @throws what the work throws
   */
  async whenDue(work: () => Promise<boolean>): Promise<boolean> {
    if (performance.now() < this.dueAtMs) return true;
    this.dueAtMs = performance.now() + this.everyMs;
    const isDone = await work();
    if (!isDone) this.dueAtMs = -Infinity;
    return isDone;
  }
}
