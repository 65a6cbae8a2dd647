import pg from 'pg';
import type { DataSource } from 'typeorm';
import { KEEP_ALIVE } from './pipelined-client.js';

const RETRY_MS = 250;

/** Where the application's database is, for connections outside its pool. */
export function databaseUrl(dataSource: DataSource): string {
  const { options } = dataSource;
  if (options.type !== 'postgres' || options.url === undefined) throw new Error('NYX runs on PostgreSQL, by URL.');
  return options.url;
}

/**
 * One connection of its own outside every pool, for session state (LISTEN, session locks): when it is lost it is made
 * again, and `prepare` sets its session up anew.
 */
export class KeptConnection {
  private client: pg.Client | undefined;
  private closed = false;

  constructor(
    private readonly config: pg.ClientConfig,
    private readonly prepare: (client: pg.Client, isReconnect: boolean) => Promise<void>,
    private readonly onLost: (reason: string) => void,
  ) {}

  /** Connects once; throws when that fails. Later losses are mended by itself. */
  async open(): Promise<void> {
    await this.connect(false);
  }

  /** The connection, or undefined while it is lost. */
  get current(): pg.Client | undefined {
    return this.client;
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  /** Ends a connection that no longer answers, so that a new one is made. */
  abandon(): void {
    const client = this.client;
    if (client !== undefined) this.lost(client, 'it did not answer');
  }

  private async connect(isReconnect: boolean): Promise<void> {
    const client = new pg.Client({ keepAlive: true, connectionTimeoutMillis: 5_000, ...this.config });
    let reason = 'it was closed';
    client.on('error', (error) => (reason = error.message));
    client.once('end', () => this.lost(client, reason));
    try {
      await client.connect();
      await client.query(KEEP_ALIVE);
      await this.prepare(client, isReconnect);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.closed) await client.end();
    else this.client = client;
  }

  private lost(client: pg.Client, reason: string): void {
    if (this.client !== client) return;
    this.client = undefined;
    if (this.closed) return;
    this.onLost(reason);
    void client.end().catch(() => undefined);
    this.reconnect();
  }

  private reconnect(): void {
    setTimeout(() => {
      if (this.closed) return;
      this.connect(true).catch(() => this.reconnect());
    }, RETRY_MS).unref();
  }
}
