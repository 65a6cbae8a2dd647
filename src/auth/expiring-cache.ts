interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly expiresAtMs: number;
}

/** Remembers answers for a short while, and asks once for callers that come at once. Failures are not remembered. */
export class ExpiringCache<Value> {
  private readonly entries = new Map<string, Entry<Value>>();

  constructor(
    private readonly ttlMs: number,
    private readonly maxEntries: number,
  ) {}

  get(key: string, load: () => Promise<Value>): Promise<Value> {
    const known = this.entries.get(key);
    if (known && known.expiresAtMs > performance.now()) return known.value;
    const entry = { value: load(), expiresAtMs: performance.now() + this.ttlMs };
    entry.value.catch(() => this.entries.get(key) === entry && this.entries.delete(key));
    this.entries.delete(key);
    this.entries.set(key, entry);
    this.shrink();
    return entry.value;
  }

  clear(): void {
    this.entries.clear();
  }

  private shrink(): void {
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.maxEntries && oldest !== undefined) this.entries.delete(oldest);
  }
}
