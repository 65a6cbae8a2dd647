import type pg from 'pg';
import { until } from '../support/until.js';

const KEY = 7_070_707;

/** What a process is caught in: a row that its transaction writes, as the condition of a trigger. */
export interface CommitPoint {
  readonly table: string;
  readonly event: 'INSERT' | 'UPDATE';
  /** Of OLD and NEW. */
  readonly when: string;
}

/** Holds the first transaction that comes to a point, so that its process can be killed in the middle of it. */
export class HeldCommit {
  private constructor(
    private readonly client: pg.PoolClient,
    private readonly table: string,
  ) {}

  static async at(sql: pg.Pool, { table, event, when }: CommitPoint): Promise<HeldCommit> {
    const client = await sql.connect();
    await client.query('SELECT pg_advisory_lock($1)', [KEY]);
    await client.query(
      `CREATE OR REPLACE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock(${KEY}); RETURN NEW; END $$;
       CREATE TRIGGER hold_commit BEFORE ${event} ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION hold_commit()`,
    );
    return new HeldCommit(client, table);
  }

  async untilReached(): Promise<void> {
    await until('a transaction comes to the point', async () => (await this.client.query(WAITING)).rows.length > 0);
  }

  /** The transaction of a process that is gone never commits; those that come after it pass. */
  async abandon(): Promise<void> {
    await this.client.query(`SELECT pg_terminate_backend(pid) FROM (${WAITING}) AS waiting`);
    await until('the transaction is gone', async () => (await this.client.query(WAITING)).rows.length === 0);
    await this.client.query(`DROP TRIGGER hold_commit ON ${this.table}`);
    await this.client.query('SELECT pg_advisory_unlock($1)', [KEY]);
    this.client.release();
  }
}

const WAITING = `
  SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${KEY} AND NOT granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
