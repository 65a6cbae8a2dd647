import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { sincePollMs } from './dbos-queues.js';
import { DurableEngine, QUEUES } from './durable-engine.js';

const LOOK_MS = 1_000;
/** DBOS polls about once a second; where a queue is contended it polls less and less, and no less than this with it. */
const OVERDUE_MS = 3_000;

/**
 * Polls the queues that DBOS does not. It plans its polls by the clock of the machine: when that goes back, it stands still until the clock
 * is there again, and what nobody kicks would wait as long.
 */
@Injectable()
export class OverduePolls implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly engine: DurableEngine) {}

  onApplicationBootstrap(): void {
    if (!this.engine.takesWork) return;
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const queue of QUEUES) if (sincePollMs(queue) > OVERDUE_MS) void this.engine.poll(queue);
  }
}
