import pg from 'pg';

/** What of a client of `pg` is not in its types. */
interface Wire {
  readonly connection: { readonly stream: { cork(): void; uncork(): void } };
}

/**
 * A client for pools that waits less. Statements are sent without waiting for the answers to those before; what is sent in one turn of
 * the event loop leaves in one write, which costs more than most statements; and the beginning of a transaction is sent with its
 * first statement. Should it fail, so does that.
 */
export class PipelinedClient extends pg.Client {
  private isHolding = false;
  private readonly sent: (...args: readonly unknown[]) => unknown;

  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, pipeline: true });
    this.sent = super.query.bind(this);
    // Not a method: those of the base are overloads, of which each is to stay.
    this.query = ((...args: readonly unknown[]) => this.sendNow(args)) as pg.Client['query'];
  }

  private sendNow(args: readonly unknown[]): unknown {
    this.hold();
    const answer = this.sent(...args);
    if (!beginsTransaction(args)) return answer;
    (answer as Promise<unknown>).catch(() => undefined);
    return Promise.resolve(NOTHING);
  }

  private hold(): void {
    if (this.isHolding) return;
    const { stream } = (this as unknown as Wire).connection;
    this.isHolding = true;
    stream.cork();
    process.nextTick(() => {
      this.isHolding = false;
      stream.uncork();
    });
  }
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
