import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { ENDED_STATUSES } from './workflow.values.js';

/** Notifications may be lost: without one the row is looked at this often. */
const LOOK_MS = 1_000;

/** Waits for the end of a workflow, whichever replica runs it. */
@Injectable()
export class WorkflowWait implements OnModuleDestroy {
  private readonly wakes = new Set<() => void>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
  ) {}

  /** Whoever waits gets the 202 of an unfinished workflow when this process stops. */
  onModuleDestroy(): void {
    this.stopping = true;
    this.wakes.forEach((wake) => wake());
  }

  /** Resolves at the end of the workflow, after `timeoutMs`, or when this process stops. */
  async untilEnded(workflowId: string, timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    let hasNews = false;
    let goOn = (): void => undefined;
    const wake = (): void => {
      hasNews = true;
      goOn();
    };
    const stopWatching = this.feed.watch(workflowId, (news) => {
      if (news === 'end') wake();
    });
    this.wakes.add(wake);
    try {
      for (;;) {
        hasNews = false;
        const leftMs = deadlineMs - performance.now();
        if ((await this.hasEnded(workflowId)) || leftMs <= 0 || this.stopping) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, hasNews ? 0 : Math.min(LOOK_MS, leftMs));
          goOn = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      stopWatching();
      this.wakes.delete(wake);
    }
  }

  private async hasEnded(workflowId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM workflows WHERE id = $1 AND status = ANY($2)', [
      workflowId,
      ENDED_STATUSES,
    ]);
    return rows.length > 0;
  }
}
