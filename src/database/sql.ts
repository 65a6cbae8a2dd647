import type { ClientBase, Pool } from 'pg';

/** What a query needs: the pool for reads, or the connection of a running transaction. `numeric` and `bigint` arrive as strings. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A transaction in progress. Its connection is for libraries that take part in it. */
export interface Transaction extends Sql {
  readonly client: ClientBase;
  /**
   * Sends a statement whose answer is not waited for: it is executed in its place, with the next one that is, or before the commit. When
   * it fails, or `check` throws for what it answered, the transaction fails with that.
   */
  send(text: string, values?: readonly unknown[], check?: (rows: readonly unknown[]) => void): void;
}

const statementNames = new Map<string, string>();

/**
 * Every statement is prepared once a connection: its text is fixed, so the same few are run again and again. They name
 * their columns (never `*`), or a migration beside a running replica would break their plans.
 */
function prepared(text: string, values: readonly unknown[]): { name: string; text: string; values: unknown[] } {
  const name = statementNames.get(text) ?? `nyx_${statementNames.size}`;
  statementNames.set(text, name);
  return { name, text, values: [...values] };
}

export class PoolSql implements Sql {
  constructor(private readonly pool: Pool) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<never>(prepared(text, values))).rows;
  }
}

export class ClientSql implements Transaction {
  private readonly sent: Promise<void>[] = [];
  private failure: { readonly error: unknown } | undefined;

  constructor(readonly client: ClientBase) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<never>(prepared(text, values))).rows;
  }

  send(text: string, values: readonly unknown[] = [], check?: (rows: readonly unknown[]) => void): void {
    const answered = this.query(text, values)
      .then(check)
      .catch((error: unknown) => {
        this.failure ??= { error };
      });
    this.sent.push(answered);
  }

  /** After a return to a savepoint: what was sent since then and failed is undone with it. */
  forgive(): void {
    this.failure = undefined;
  }

  /**
   * Runs `work` in this transaction, and waits for all that it sent: to be done before the commit.
   * @throws what the first statement that was sent failed with, whatever failed after it; otherwise what `work` throws
   */
  async whole<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T> {
    const [result] = await Promise.allSettled([(async () => work(this))()]);
    await Promise.all(this.sent.splice(0));
    if (this.failure !== undefined) throw this.failure.error;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }
}
