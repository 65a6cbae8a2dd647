import type { ClientBase, Pool } from 'pg';

/** What a query needs: the pool for reads, or the connection of a running transaction. `numeric` and `bigint` arrive as strings. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A transaction in progress. Its connection is for libraries that take part in it. */
export interface Transaction extends Sql {
  readonly client: ClientBase;
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
  constructor(readonly client: ClientBase) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<never>(prepared(text, values))).rows;
  }
}
