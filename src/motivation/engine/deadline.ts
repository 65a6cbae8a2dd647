import type { Sql } from '../../database/sql.js';
import { within } from '../../waiting/within.js';
import { TimeLimit } from './failure.rules.js';

/** The time that a whole piece of work has. */
export class Deadline {
  private readonly endsMs: number;

  constructor(
    private readonly what: string,
    private readonly limitMs: number,
  ) {
    this.endsMs = performance.now() + limitMs;
  }

  /** @throws TimeLimit once it has passed */
  check(): void {
    if (performance.now() >= this.endsMs) throw new TimeLimit(this.what, this.limitMs);
  }

  /**
   * Waits for a part of the work for at most `limitMs`. A part that is given up can no longer use its `sql`, which is a connection that
   * others will use.
   * @throws TimeLimit
   */
  async part<T>(what: string, limitMs: number, sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
    this.check();
    const lent = new LentSql(sql);
    try {
      return await within(
        limitMs,
        () => work(lent),
        () => new TimeLimit(what, limitMs),
      );
    } finally {
      lent.takeBack();
    }
  }
}

class LentSql implements Sql {
  constructor(private sql: Sql | undefined) {}

  takeBack(): void {
    this.sql = undefined;
  }

  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    if (this.sql === undefined) return Promise.reject(new Error('The time for this has passed.'));
    return this.sql.query<Row>(text, values);
  }
}
