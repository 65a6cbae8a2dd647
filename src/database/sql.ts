import type { ClientBase, Pool, PoolClient } from 'pg';
import { codeOf } from '../config/error-code.js';

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
  /** Runs `work` so that the transaction goes on as before it when it fails, with what it fails with. Not twice at once. */
  nested<T>(work: () => Promise<T>): Promise<T>;
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

/** A connection of the pool while some statements are on it. */
interface Shared {
  readonly client: Promise<PoolClient>;
  statements: number;
  answered: number;
  failure: Error | undefined;
}

/** So many statements may wait for each other. */
const MOST_TOGETHER = 4;
/** What waits for nobody's locks, so that nothing behind it waits for them. */
const READS = /^\s*SELECT\b(?![\s\S]*(?:\bFOR (?:NO KEY |KEY )?(?:UPDATE|SHARE)|\bpg_(?:notify|advisory)))/i;
/** The server does not know a prepared statement, because the one that was to prepare it failed. */
const UNPREPARED = '26000';

/**
 * What is read in one turn of the event loop goes over one connection, in one write: to send costs more than most statements, and to
 * wake a process of the server for each, too. A connection on which one failed is given up, as the pool itself does it: what is prepared
 * there is not known any more.
 */
export class PoolSql implements Sql {
  private shared: Shared | undefined;

  constructor(private readonly pool: Pool) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const shared = READS.test(text) ? this.join() : newShared(this.pool, 1);
    const client = await shared.client;
    try {
      return (await client.query<never>(prepared(text, values))).rows;
    } catch (error) {
      const { failure } = shared;
      if (error instanceof Error) shared.failure ??= error;
      throw failure !== undefined && codeOf(error) === UNPREPARED ? failure : error;
    } finally {
      shared.answered += 1;
      if (shared.answered === shared.statements) client.release(shared.failure);
    }
  }

  private join(): Shared {
    const { shared = this.share() } = this;
    shared.statements += 1;
    if (shared.statements === MOST_TOGETHER) this.shared = undefined;
    return shared;
  }

  private share(): Shared {
    const shared = newShared(this.pool, 0);
    this.shared = shared;
    process.nextTick(() => {
      if (this.shared === shared) this.shared = undefined;
    });
    return shared;
  }
}

const newShared = (pool: Pool, statements: number): Shared => ({
  client: pool.connect(),
  statements,
  answered: 0,
  failure: undefined,
});

/** PostgreSQL's answer to whatever follows a statement that failed. */
const isAfterFailure = (error: unknown): boolean => codeOf(error) === '25P02';

/** What belongs to a transaction, or to the part of it after a savepoint. */
interface Part {
  readonly sent: Promise<void>[];
  readonly acts: (() => void)[];
  failure: { readonly error: unknown } | undefined;
}

const newPart = (): Part => ({ sent: [], acts: [], failure: undefined });

export class ClientSql implements Transaction {
  private part = newPart();
  private savepoints = 0;
  private isOver = false;

  constructor(readonly client: ClientBase) {}

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    // Its connection may be somebody else's by now.
    if (this.isOver) throw new Error('This transaction is over.');
    return (await this.client.query<never>(prepared(text, values))).rows;
  }

  send(text: string, values: readonly unknown[] = [], check?: (rows: readonly unknown[]) => void): void {
    const { part } = this;
    const answered = this.query(text, values)
      .then(check)
      .catch((error: unknown) => {
        part.failure ??= { error };
      });
    part.sent.push(answered);
  }

  async nested<T>(work: () => Promise<T>): Promise<T> {
    const whole = this.part;
    const name = `nested_${(this.savepoints += 1)}`;
    await this.query(`SAVEPOINT ${name}`);
    const part = (this.part = newPart());
    try {
      const result = await answered(part, work);
      await this.query(`RELEASE SAVEPOINT ${name}`);
      whole.acts.push(...part.acts);
      return result;
    } catch (error) {
      // Where that fails, too, so does all that follows.
      const back = [this.query(`ROLLBACK TO SAVEPOINT ${name}`), this.query(`RELEASE SAVEPOINT ${name}`)];
      await Promise.allSettled(back);
      throw error;
    } finally {
      this.part = whole;
    }
  }

  /**
   * Runs `work` in this transaction, and waits for all that it sent: to be done before the commit.
   * @throws what failed first
   */
  async whole<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T> {
    try {
      return await answered(this.part, async () => work(this));
    } finally {
      this.isOver = true;
    }
  }

  /** To be done when it has committed; what is noted after a savepoint it went back to is none of it. */
  get acts(): (() => void)[] {
    return this.part.acts;
  }
}

async function answered<T>(part: Part, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([(async () => work())()]);
  await Promise.all(part.sent);
  const { failure } = part;
  // What a statement that was waited for failed with comes before what followed it.
  if (failure !== undefined && !(isAfterFailure(failure.error) && result.status === 'rejected')) throw failure.error;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
