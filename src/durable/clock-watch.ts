/** More than two clocks drift apart between two looks, and too little for anybody to be taken for dead by it. */
const LEAP_MS = 2_000;

/** What the clock of the database was at some moment between two of this process, whose own clock nobody sets. */
export interface ClockReading {
  readonly clockMs: number;
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** By how much, at the least, the clock went further forward between two readings than time did. */
export const leapMs = (before: ClockReading, now: ClockReading): number =>
  now.clockMs - before.clockMs - (now.answeredMs - before.askedMs);

/**
 * Notices when the database's clock goes forward by itself: everybody's last beat is old by it then. The machine of this process may have
 * slept as well; the others may not have been able to beat either, should it be theirs.
 */
export class ClockWatch {
  private last: ClockReading | undefined;
  private leaptMs = -Infinity;

  see(reading: ClockReading): void {
    if (this.last !== undefined && leapMs(this.last, reading) > LEAP_MS) this.leaptMs = reading.answeredMs;
    this.last = reading;
  }

  get sinceLeapMs(): number {
    return performance.now() - this.leaptMs;
  }
}
