import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Stands between an application and its PostgreSQL, so that a test can take the database away and give it back without touching
 * the server: `cut` ends every connection and refuses new ones, `freeze` takes what is sent and passes nothing on, `silence` does so with
 * the connections that there are, for good, and neither side hears that the other left, and `loseCommitOf` ends one connection between a commit
 * and its answer.
 */
export class DatabaseRelay {
  private readonly sockets = new Set<Socket>();
  private readonly pairs = new Map<Socket, Socket>();
  private readonly server: Server;
  private mode: 'open' | 'cut' | 'frozen' = 'open';
  /** How often something came from the application. */
  messages = 0;
  private doomed: { readonly statement: string; socket?: Socket; readonly isLost: () => void } | undefined;

  private constructor(private readonly target: URL) {
    this.server = createServer((socket) => this.relay(socket));
  }

  static async before(databaseUrl: string): Promise<DatabaseRelay> {
    const relay = new DatabaseRelay(new URL(databaseUrl));
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** The database, through the relay. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  cut(): void {
    this.mode = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  freeze(): void {
    this.mode = 'frozen';
    for (const socket of this.sockets) socket.pause();
  }

  silence(): void {
    for (const pair of this.pairs) {
      for (const socket of pair) socket.pause().removeAllListeners('close');
    }
    this.pairs.clear();
  }

  resume(): void {
    this.mode = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  /**
   * Of the next transaction that sends `statement` the server gets the COMMIT, and the application never its answer.
   * @returns when that has happened
   */
  loseCommitOf(statement: string): Promise<void> {
    return new Promise((isLost) => (this.doomed = { statement, isLost }));
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(socket: Socket): void {
    if (this.mode === 'cut') {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    socket.on('data', (chunk) => {
      this.messages += 1;
      this.doom(socket, upstream, chunk.toString('latin1'));
    });
    this.pairs.set(socket, upstream);
    socket.once('close', () => this.pairs.delete(socket));
    this.join(socket, upstream);
    this.join(upstream, socket);
  }

  private doom(socket: Socket, upstream: Socket, sent: string): void {
    const { doomed } = this;
    if (doomed === undefined) return;
    if (sent.includes(doomed.statement)) doomed.socket = socket;
    if (doomed.socket !== socket || !sent.includes('COMMIT')) return;
    this.doomed = undefined;
    upstream.once('data', () => doomed.isLost());
    upstream.prependOnceListener('data', () => socket.destroy());
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => from.destroy());
    from.once('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.mode === 'frozen') from.pause();
  }
}
