interface Waiter {
  readonly admit: () => void;
}

/** The wait for a place was longer than the caller would wait. */
export class QueueTimeout extends Error {}

/** Who waits: by key, in the order in which the keys are served next. */
type Line = Map<string, Set<Waiter>>;

/**
 * Lets `limit` holders in at once. Who waits is served in turn by `key`, so that a workflow of 500 agents delays nobody else by
 * more than one place a round. Who gives way is served when nobody else waits.
 */
export class FairQueue {
  private active = 0;
  private readonly first: Line = new Map();
  private readonly givingWay: Line = new Map();

  constructor(private limit: number) {}

  get activeCount(): number {
    return this.active;
  }

  /** A higher limit lets in who waits; of a lower one holders see nothing, but nobody follows those that are too many. */
  resize(limit: number): void {
    this.limit = limit;
    while (this.active < this.limit && this.isWaitedFor) {
      this.active += 1;
      this.admitNext();
    }
  }

  get waitingCount(): number {
    const waiting = [...this.first.values(), ...this.givingWay.values()];
    return waiting.reduce((sum, waiters) => sum + waiters.size, 0);
  }

  private get isWaitedFor(): boolean {
    return this.first.size + this.givingWay.size > 0;
  }

  /**
   * Waits for a place. @param givesWay to all who do not. @returns what gives it back, to be called once
   * @throws QueueTimeout after `timeoutMs`; the signal's reason when it aborts
   */
  async enter(key: string, timeoutMs: number, signal?: AbortSignal, givesWay = false): Promise<() => void> {
    if (this.active < this.limit) this.active += 1;
    else await this.wait(givesWay ? this.givingWay : this.first, key, timeoutMs, signal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.passOn();
    };
  }

  private wait(line: Line, key: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: unknown): void => {
        settle();
        remove(line, key, waiter);
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
      line.set(key, (line.get(key) ?? new Set()).add(waiter));
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The place goes to who is next, unless there are fewer places by now. */
  private passOn(): void {
    if (this.active > this.limit || !this.isWaitedFor) this.active -= 1;
    else this.admitNext();
  }

  /** Of the key whose turn it is, which then stands last. */
  private admitNext(): void {
    const line = this.first.size > 0 ? this.first : this.givingWay;
    const [next] = line;
    const [key, waiters] = next ?? [];
    const [waiter] = waiters ?? [];
    if (key === undefined || waiter === undefined) throw new Error('A key without waiters was left in the queue.');
    remove(line, key, waiter);
    const rest = line.get(key);
    if (rest !== undefined) {
      line.delete(key);
      line.set(key, rest);
    }
    waiter.admit();
  }
}

function remove(line: Line, key: string, waiter: Waiter): void {
  const waiters = line.get(key);
  waiters?.delete(waiter);
  if (waiters?.size === 0) line.delete(key);
}
