/**
 * Does its work again and again: after the pause that the work asks for, at once when somebody wakes it, and never twice at a time.
 * Who wakes it while it works is heard when that is done.
 */
export class WakefulLoop {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private isAskedAgain = false;
  private hasStopped = false;

  /** @param work never rejects; answers the milliseconds until there is something to do again */
  constructor(private readonly work: () => Promise<number>) {}

  get isStopping(): boolean {
    return this.hasStopped;
  }

  /** Begins, or does not wait for the end of the pause. */
  wake(): void {
    if (this.hasStopped) return;
    if (this.working !== undefined) {
      this.isAskedAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.working = this.work().then((pauseMs) => {
      this.working = undefined;
      if (this.hasStopped) return;
      this.timer = setTimeout(() => this.wake(), this.isAskedAgain ? 0 : pauseMs);
      this.isAskedAgain = false;
    });
  }

  /** For good; resolves when the work under way is done. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.working;
  }
}
