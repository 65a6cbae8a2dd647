import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { codeOf } from '../config/error-code.js';

/** The connection of a client of `pg`, which is not in its types. */
interface Wire {
  readonly stream: Pick<Socket, 'cork' | 'uncork' | 'destroy'>;
}

/**
 * A client for pools that waits less. Statements are sent without waiting for the answers to those before; what is sent in one turn of
 * the event loop leaves in one write, which costs more than most statements; and the beginning of a transaction is sent with its
 * first statements. Should it fail, the connection is given up, so that no more than these are executed outside of one.
 * Its settings need `pipeline: true`.
 */
export class PipelinedClient extends pg.Client {
  private isHolding = false;
  private readonly sent: (...args: readonly unknown[]) => unknown;

  constructor(config?: pg.ClientConfig) {
    super(config);
    this.sent = super.query.bind(this);
    // Not a method: those of the base are overloads, of which each is to stay.
    this.query = ((...args: readonly unknown[]) => this.sendNow(args)) as pg.Client['query'];
  }

  private sendNow(args: readonly unknown[]): unknown {
    this.hold();
    const last = args.at(-1);
    if (typeof last === 'function') {
      const tell = last as (error: unknown, result: unknown) => void;
      return this.sent(...args.slice(0, -1), (error: unknown, result: unknown) => tell(withCode(error), result));
    }
    const answer = this.sent(...args);
    if (!(answer instanceof Promise)) return answer;
    const told = answer.catch((error: unknown) => {
      throw withCode(error);
    });
    if (!beginsTransaction(args)) return told;
    told.catch((error: unknown) => {
      this.giveUp(error);
    });
    return Promise.resolve(NOTHING);
  }

  /** Nobody gets this connection any more. */
  protected giveUp(error: unknown): void {
    this.wire.stream.destroy(error instanceof Error ? error : undefined);
  }

  private get wire(): Wire {
    return (this as unknown as { connection: Wire }).connection;
  }

  private hold(): void {
    if (this.isHolding) return;
    const { stream } = this.wire;
    this.isHolding = true;
    stream.cork();
    process.nextTick(() => {
      this.isHolding = false;
      stream.uncork();
    });
  }
}

const LOST = /Connection terminated|is not queryable|Query read timeout/;

/**
 * Libraries tell by its code that a connection was lost and the same is to be tried again. What `pg` itself says of it has none, and
 * DBOS does not know EPIPE, which is what a statement meets that is sent before the loss was read: to both it would be a failure for good.
 */
function withCode(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  const isLoss = code === 'EPIPE' || (code === undefined && LOST.test(error.message));
  return isLoss ? Object.assign(error, { code: 'ECONNRESET' }) : error;
}

const NOTHING: Readonly<Pick<pg.QueryResult, 'rows' | 'rowCount' | 'command'>> = {
  rows: [],
  rowCount: null,
  command: 'BEGIN',
};

const beginsTransaction = ([text, ...rest]: readonly unknown[]): boolean =>
  typeof text === 'string' &&
  /^(BEGIN|START TRANSACTION)\b/i.test(text) &&
  rest.every((value) => typeof value !== 'function');

/** For sessions that hold something: the server asks a client that says nothing whether it is there. */
export const KEEP_ALIVE =
  'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';

const SESSION = [
  // What a page that is looked up costs beside one that is read in order. The default, 4, is of turning disks; with it statements read whole
  // tables for one row while these are small, and go on to until their statistics are new.
  'SET random_page_cost = 1.1',
  // The server ends a session whose client is gone, also while it waits for a lock, and one that was lost without a word.
  'SET client_connection_check_interval = 5000',
  KEEP_ALIVE,
];

/** For `onConnect` of pools. Goes with the first statement, which does not depend on it. */
export function setUpSession(client: pg.ClientBase): void {
  for (const setting of SESSION) {
    client.query(setting).catch((error: unknown) => {
      new Logger('Database').debug(`A setting of sessions keeps its default: ${String(error)}`);
    });
  }
}
