interface Waiter {
  readonly admit: () => void;
}

/** The wait for a place was longer than the caller would wait. */
export class QueueTimeout extends Error {}

/**
 * Lets `limit` holders in at once. Who waits is served in turn by `key`, so that a workflow of 500 agents delays nobody else by
 * more than one place a round.
 */
export class FairQueue {
  private active = 0;
  /** In the order in which the keys are served next. */
  private readonly waiting = new Map<string, Set<Waiter>>();

  constructor(private limit: number) {}

  get activeCount(): number {
    return this.active;
  }

  /** A higher limit lets in who waits; of a lower one holders see nothing, but nobody follows those that are too many. */
  resize(limit: number): void {
    this.limit = limit;
    while (this.active < this.limit && this.waiting.size > 0) {
      this.active += 1;
      this.admitNext();
    }
  }

  get waitingCount(): number {
    return [...this.waiting.values()].reduce((sum, waiters) => sum + waiters.size, 0);
  }

  /**
   * Waits for a place. @returns what gives it back, to be called once
   * @throws QueueTimeout after `timeoutMs`; the signal's reason when it aborts
   */
  async enter(key: string, timeoutMs: number, signal?: AbortSignal): Promise<() => void> {
    if (this.active < this.limit) this.active += 1;
    else await this.wait(key, timeoutMs, signal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.passOn();
    };
  }

  private wait(key: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: unknown): void => {
        settle();
        this.remove(key, waiter);
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => leave(signal?.reason);
      const waiter: Waiter = {
        admit: () => {
          settle();
          resolve();
        },
      };
      const timer = setTimeout(() => leave(new QueueTimeout(`No place within ${timeoutMs} ms.`)), timeoutMs);
      this.waiting.set(key, (this.waiting.get(key) ?? new Set()).add(waiter));
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The place goes to who is next, unless there are fewer places by now. */
  private passOn(): void {
    if (this.active > this.limit || this.waiting.size === 0) this.active -= 1;
    else this.admitNext();
  }

  /** Of the key whose turn it is, which then stands last. */
  private admitNext(): void {
    const [next] = this.waiting;
    const [key, waiters] = next ?? [];
    const [first] = waiters ?? [];
    if (key === undefined || first === undefined) throw new Error('A key without waiters was left in the queue.');
    this.remove(key, first);
    const rest = this.waiting.get(key);
    if (rest !== undefined) {
      this.waiting.delete(key);
      this.waiting.set(key, rest);
    }
    first.admit();
  }

  private remove(key: string, waiter: Waiter): void {
    const waiters = this.waiting.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.waiting.delete(key);
  }
}
