import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const TURN_MS = 30_000;

export interface EventLoopDelays {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How much later than due timers of this process run, in ms: over the last 30 to 60 seconds. */
@Injectable()
export class EventLoopDelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** The first is read; each begins anew when the other has gone on for half of its time. */
  private monitors: readonly [IntervalHistogram, IntervalHistogram] = [monitor(), monitor()];
  private timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    for (const each of this.monitors) each.enable();
    this.timer = setInterval(() => {
      const [older, newer] = this.monitors;
      older.reset();
      this.monitors = [newer, older];
    }, TURN_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const each of this.monitors) each.disable();
  }

  read(): EventLoopDelays {
    const [delays] = this.monitors;
    if (delays.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
    return {
      mean: delayOf(delays.mean),
      p50: delayOf(delays.percentile(50)),
      p99: delayOf(delays.percentile(99)),
      max: delayOf(delays.max),
    };
  }
}

const monitor = (): IntervalHistogram => monitorEventLoopDelay({ resolution: RESOLUTION_MS });

/** The histogram holds the time from one turn of its timer to the next, in ns. */
const delayOf = (intervalNs: number): number => Math.max(0, Math.round(intervalNs / 1e4 - RESOLUTION_MS * 100) / 100);
