import type pg from 'pg';
import { until } from './until.js';

const KEY = 7_070_708;
const HELD = `locktype = 'advisory' AND objid = ${KEY}`;

const waitingFor = (what: string): string =>
  `FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database() AND ${what}`;

/**
 * Lets the server come to the end of transactions and not over it: whoever loses his connection meanwhile does not know of a commit that
 * is still to come.
 */
export class CommitHold {
  private constructor(private readonly client: pg.PoolClient) {}

  /** Holds those that write to one of the tables. */
  static async on(sql: pg.Pool, ...tables: readonly string[]): Promise<CommitHold> {
    const client = await sql.connect();
    await client.query('SELECT pg_advisory_lock($1)', [KEY]);
    await client.query(
      `CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${KEY}); RETURN NULL; END $$`,
    );
    for (const table of tables) {
      await client.query(
        `CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT OR UPDATE ON ${table} DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION hold_commit()`,
      );
    }
    return new CommitHold(client);
  }

  untilHeld(count: number): Promise<void> {
    return this.untilWaiting(HELD, count);
  }

  /** Somebody waits to see what comes of one that is held. */
  untilAwaited(): Promise<void> {
    return this.untilWaiting(`locktype = 'transactionid'`, 1);
  }

  /** Those that are held commit, and all that come after them. */
  async release(): Promise<void> {
    await this.client.query('SELECT pg_advisory_unlock($1)', [KEY]);
    this.client.release();
  }

  /** Those that are held never commit; all that come after them do. */
  async abandon(): Promise<void> {
    await this.client.query(`SELECT pg_terminate_backend(pid) ${waitingFor(HELD)}`);
    await this.release();
  }

  private async untilWaiting(what: string, wanted: number): Promise<void> {
    const count = async (): Promise<number> => (await this.client.query(`SELECT ${waitingFor(what)}`)).rows.length;
    await until(`${wanted} wait for ${what}`, async () => (await count()) >= wanted).catch(async (error: unknown) => {
      await this.release();
      throw error;
    });
  }
}
