/** Remembers answers for a short while, and asks once for callers that come at once. Failures are not remembered. */
export class ExpiringCache {
    ttlMs;
    maxEntries;
    entries = new Map();
    constructor(ttlMs, maxEntries) {
        this.ttlMs = ttlMs;
        this.maxEntries = maxEntries;
    }
    get(key, load) {
        const known = this.entries.get(key);
        if (known && known.expiresAtMs > performance.now())
            return known.value;
        const entry = { value: load(), expiresAtMs: performance.now() + this.ttlMs };
        entry.value.catch(() => this.entries.get(key) === entry && this.entries.delete(key));
        this.entries.delete(key);
        this.entries.set(key, entry);
        this.shrink();
        return entry.value;
    }
    clear() {
        this.entries.clear();
    }
    shrink() {
        const [oldest] = this.entries.keys();
        if (this.entries.size > this.maxEntries && oldest !== undefined)
            this.entries.delete(oldest);
    }
}
//# sourceMappingURL=expiring-cache.js.map