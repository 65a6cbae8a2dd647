/** Messages that a connection may send at once after a pause, enough to subscribe to all it may; then so many a second. */
const MESSAGES_AT_ONCE = 1_500;
const MESSAGES_PER_SECOND = 50;
/** Who goes on for so many more while nothing is left is cut off. */
const PATIENCE = 1_000;

/** How many messages a connection still has. */
export class MessageBudget {
  private left = MESSAGES_AT_ONCE;

  constructor(private countedAtMs: number) {}

  /** Counts a message that came at `nowMs`, by a clock that never goes back. */
  spend(nowMs: number): void {
    const regained = ((nowMs - this.countedAtMs) / 1_000) * MESSAGES_PER_SECOND;
    this.left = Math.min(MESSAGES_AT_ONCE, this.left + regained) - 1;
    this.countedAtMs = nowMs;
  }

  get isSpent(): boolean {
    return this.left < 0;
  }

  get isAbused(): boolean {
    return this.left < -PATIENCE;
  }
}
