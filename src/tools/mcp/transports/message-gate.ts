const WINDOW_MS = 10_000;
const MAX_IN_WINDOW = 5_000;

/** Counts what a server sends: reading is work, and nobody but a server that means harm sends that much. */
export class MessageGate {
  private windowStartMs = 0;
  private count = 0;

  /** @returns whether one more may be read */
  admits(nowMs: number): boolean {
    if (nowMs - this.windowStartMs > WINDOW_MS) {
      this.windowStartMs = nowMs;
      this.count = 0;
    }
    this.count += 1;
    return this.count <= MAX_IN_WINDOW;
  }
}
