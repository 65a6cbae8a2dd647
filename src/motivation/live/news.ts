const KINDS = ['evaluated', 'task.spawned', 'task.completed', 'state.changed'] as const;
/** What clients are told, in the order in which one transaction does it. */
export type NewsKind = (typeof KINDS)[number];

/** Of each kind; who is further behind reads the rest by REST. */
export const MOST_NEWS = 200;
/** Of what was told, so that nothing is told twice after a reconnect. */
const MOST_REMEMBERED = 2_000;

/** Rows that are to be told of, by kind and key, each once however often it is named. Bounded: the oldest give way. */
export class News {
  private readonly waiting = new Map<NewsKind, Set<string>>(KINDS.map((kind) => [kind, new Set()]));
  private readonly told = new Set<string>();

  get isEmpty(): boolean {
    return [...this.waiting.values()].every(({ size }) => size === 0);
  }

  add(kind: NewsKind, key: string): void {
    const keys = this.keysOf(kind);
    keys.add(key);
    const [oldest] = keys;
    if (keys.size > MOST_NEWS && oldest !== undefined) keys.delete(oldest);
  }

  /** All of a kind; they wait no longer. */
  take(kind: NewsKind): string[] {
    const keys = this.keysOf(kind);
    const taken = [...keys];
    keys.clear();
    return taken;
  }

  clear(): void {
    for (const keys of this.waiting.values()) keys.clear();
  }

  /** @returns false when that very row was told of before */
  tell(row: string): boolean {
    if (this.told.has(row)) return false;
    this.told.add(row);
    const [oldest] = this.told;
    if (this.told.size > MOST_REMEMBERED && oldest !== undefined) this.told.delete(oldest);
    return true;
  }

  private keysOf(kind: NewsKind): Set<string> {
    const keys = this.waiting.get(kind);
    if (keys === undefined) throw new Error(`There is no news of the kind ${kind}.`);
    return keys;
  }
}
