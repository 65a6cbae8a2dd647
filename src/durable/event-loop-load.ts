import { performance } from 'node:perf_hooks';

/** A shorter time says more of one request than of the process. */
const LEAST_MS = 100;
/** One pause of the database makes no idle process. */
const LOOKED_BACK_MS = 1_000;

/** How busy this process' event loop is. */
export class EventLoopLoad {
  private before = performance.eventLoopUtilization();
  private samples: { readonly atMs: number; readonly utilization: number }[] = [
    { atMs: performance.now(), utilization: 0 },
  ];

  /** The highest, 0 to 1, of the times of at least 100 ms between two calls that ended within the last second. */
  highest(): number {
    const nowMs = performance.now();
    if (nowMs - (this.samples.at(-1)?.atMs ?? -Infinity) >= LEAST_MS) {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, this.before);
      this.before = now;
      this.samples = [
        ...this.samples.filter(({ atMs }) => nowMs - atMs < LOOKED_BACK_MS),
        { atMs: nowMs, utilization },
      ];
    }
    return Math.max(...this.samples.map(({ utilization }) => utilization));
  }
}
