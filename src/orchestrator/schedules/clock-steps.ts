/** Smaller ones move no slot by more than that. */
const STEP_MS = 1_000;

/** Tells by the clock of this process, which only goes forward, when the one of the database was set back. */
export class ClockSteps {
  private aheadMs = Infinity;

  /**
   * Whether it was since the last reading; true for the first one, for nobody looked before. A slow answer may look like a step.
   * @param readMs the database's time, read between `askedMs` and `answeredMs`, which are of `performance.now()`
   */
  wasSetBack(readMs: number, askedMs: number, answeredMs: number): boolean {
    const isBehind = readMs - answeredMs < this.aheadMs - STEP_MS;
    this.aheadMs = readMs - askedMs;
    return isBehind;
  }
}
