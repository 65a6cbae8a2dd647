import type { EventType } from './event-log.js';
import type { LiveEvent } from './live-event.js';

/** Proxies close what is silent for longer. */
const HEARTBEAT_MS = 15_000;
const MAX_WAITING = 200;
export const ENDS: readonly EventType[] = ['workflow.completed', 'workflow.failed', 'workflow.cancelled'];

/** What one stream has not sent yet of what happens. When that is too much, the rest is to be read from the log. */
export class StreamFollower {
  private readonly waiting: LiveEvent[] = [];
  private hasMissed = false;
  private readonly woken = new AbortController();
  private goOn = (): void => undefined;

  push(event: LiveEvent): void {
    // After the first that is missing none may follow.
    this.hasMissed ||= this.waiting.length >= MAX_WAITING;
    if (!this.hasMissed) this.waiting.push(event);
    this.goOn();
  }

  /** Ends `news`. */
  wake(): void {
    this.woken.abort();
    this.goOn();
  }

  /**
   * The events that were pushed, until the caller has to look in the log whether that was all: the last one ended the workflow, some were
   * dropped, or nothing came for a while, which it says by `undefined`.
   */
  async *news(): AsyncGenerator<LiveEvent | undefined> {
    this.waiting.length = 0;
    this.hasMissed = false;
    while (!this.woken.signal.aborted) {
      const event = this.waiting.shift();
      if (event !== undefined) {
        yield event;
        if (ENDS.includes(event.type)) return;
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- `push` sets it while this waits
      } else if (this.hasMissed) {
        return;
      } else if (await this.isSilent()) {
        yield undefined;
        return;
      }
    }
  }

  private isSilent(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), HEARTBEAT_MS);
      this.goOn = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}
