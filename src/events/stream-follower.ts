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

  /** Ends where it has to be looked whether this was all: after an end of the workflow, after silence (undefined), and after what was missed. */
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
