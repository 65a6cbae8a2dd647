interface Reading<T> {
  readonly running: Promise<T>;
  /** Begins when `running` has ended; whoever asks meanwhile shares it. */
  next: Promise<T> | undefined;
}

/**
 * Lets those who ask the same at the same time share one read. It begins after all of them asked, so nobody is answered with what
 * was true before: not even who has just changed it.
 */
export class SharedReads<T> {
  private readonly readings = new Map<string, Reading<T>>();

  constructor(private readonly load: (key: string) => Promise<T>) {}

  read(key: string): Promise<T> {
    const reading = this.readings.get(key);
    if (reading === undefined) return this.begin(key);
    reading.next ??= reading.running.then(
      () => this.begin(key),
      () => this.begin(key),
    );
    return reading.next;
  }

  private begin(key: string): Promise<T> {
    const running = this.load(key);
    const reading: Reading<T> = { running, next: undefined };
    this.readings.set(key, reading);
    const forget = (): void => {
      if (reading.next === undefined) this.readings.delete(key);
    };
    running.then(forget, forget);
    return running;
  }
}
