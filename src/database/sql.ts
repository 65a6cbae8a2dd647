import type { ClientBase, Pool } from 'pg';

/** What a query needs: the pool for reads, or the connection of a running transaction. `numeric` and `bigint` arrive as strings. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A transaction in progress. Its connection is for libraries that take part in it. */
export interface Transaction extends Sql {
  readonly client: ClientBase;
}

export class PoolSql implements Sql {
  constructor(private readonly pool: Pool) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, [...values])).rows as Row[];
  }
}

export class ClientSql implements Transaction {
  constructor(readonly client: ClientBase) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query(text, [...values])).rows as Row[];
  }
}
