import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** A shorter time says more of one request than of the process. */
const LEAST_MS = 100;

/** How busy this process' event loop is. */
export class EventLoopLoad {
  private sample: EventLoopUtilization = performance.eventLoopUtilization();
  private sampledMs = performance.now();
  private last = 0;

  /** Between the two newest times of asking that lie 100 ms apart, 0 to 1. */
  utilization(): number {
    if (performance.now() - this.sampledMs < LEAST_MS) return this.last;
    const now = performance.eventLoopUtilization();
    this.last = performance.eventLoopUtilization(now, this.sample).utilization;
    this.sample = now;
    this.sampledMs = performance.now();
    return this.last;
  }
}
