import type { Socket as SocketIo } from 'socket.io';
import { MessageBudget } from './message-budget.rules.js';

export type EngineSocket = SocketIo['conn'];

interface OutgoingPacket {
  readonly data?: string | Buffer;
}

/** What may wait in memory for one client that reads slowly; the network holds as much again. */
const MAX_WAITING_BYTES = 256 * 1024;
/** What a packet costs beside its text. */
const PACKET_BYTES = 200;
/** A client that reads nothing for so long is given up. */
const STALL_MS = 60_000;
/** What it gets to read the rest when the connection is closed. */
const FAREWELL_MS = 1_000;

/** One connection of a client, with however many namespaces on it: what waits to be read by it, and how much it says. */
export class Connection {
  private static readonly all = new WeakMap<EngineSocket, Connection>();
  private readonly listeners = new Set<(isFull: boolean) => void>();
  private waitingBytes = 0;
  private stallTimer: NodeJS.Timeout | undefined;
  readonly budget = new MessageBudget(performance.now());
  /** Namespaces that it is in. */
  joined = 0;

  constructor(private readonly engine: EngineSocket) {
    Connection.all.set(engine, this);
    engine.on('packetCreate', (packet: OutgoingPacket) => this.waits(PACKET_BYTES + (packet.data?.length ?? 0)));
    engine.on('drain', () => this.drained());
    engine.on('data', () => this.hears());
    engine.once('close', () => this.ended());
  }

  static of(socket: { readonly conn: EngineSocket }): Connection {
    const connection = Connection.all.get(socket.conn);
    if (connection === undefined) throw new Error('This connection was never opened.');
    return connection;
  }

  /** Bytes that the network has not taken. */
  get waiting(): number {
    return this.waitingBytes;
  }

  /** Whether nothing more should be sent before the client has read. */
  get isFull(): boolean {
    return this.stallTimer !== undefined;
  }

  /**
   * Calls `listener` whenever the connection becomes full or free again; returns how to stop. It becomes full before the packet is sent
   * that is one too many: what is sent in the call would overtake that one.
   */
  onChange(listener: (isFull: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when there is room again, at once where there is, or the connection has ended. */
  untilRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.onChange((isFull) => {
        if (isFull) return;
        stop();
        resolve();
      });
    });
  }

  /** As when the network breaks: the client comes again by itself. What it does not read in time is lost. */
  close(): void {
    this.engine.close();
    setTimeout(() => this.engine.request.socket.destroy(), FAREWELL_MS).unref();
  }

  private waits(bytes: number): void {
    const isFullNow = this.waitingBytes > MAX_WAITING_BYTES && !this.isFull;
    this.waitingBytes += bytes;
    if (!isFullNow) return;
    this.stallTimer = setTimeout(() => this.close(), STALL_MS);
    this.stallTimer.unref();
    this.tell(true);
  }

  /** What waited is with the network now. */
  private drained(): void {
    this.waitingBytes = 0;
    this.free();
  }

  private ended(): void {
    this.free();
    this.listeners.clear();
  }

  private free(): void {
    if (!this.isFull) return;
    clearTimeout(this.stallTimer);
    this.stallTimer = undefined;
    this.tell(false);
  }

  private tell(isFull: boolean): void {
    for (const listener of [...this.listeners]) listener(isFull);
  }

  private hears(): void {
    this.budget.spend(performance.now());
    if (this.budget.isAbused) this.close();
  }
}
