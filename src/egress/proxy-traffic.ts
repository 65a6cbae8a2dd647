import { connect, type Socket } from 'node:net';
import type { Logger } from '@nestjs/common';
import type { AddressRange } from './address.rules.js';
import { type Destination, placeOf } from './destination.rules.js';
import { type AllowedHosts, EgressFailed, EgressRefused } from './egress.types.js';
import { answerWith, type Lookup, pinnedAddresses } from './pinned-addresses.js';

/** Nothing said for so long ends a connection. */
export const IDLE_MS = 60_000;
const LIFETIME_MS = 600_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** In both directions and of all connections together; then the proxy passes nothing on any more. */
const MAX_BYTES = 1_073_741_824;
const MAX_LOGGED_REFUSALS = 100;

/** What goes through one proxy: its rules, its connections and their limits. */
export class ProxyTraffic {
  private readonly sockets = new Set<Socket>();
  private readonly logged = new Set<string>();
  private bytes = 0;
  private isOver = false;

  constructor(
    readonly allowedHosts: AllowedHosts,
    private readonly exceptedRanges: readonly AddressRange[],
    private readonly lookup: Lookup,
    private readonly logger: Logger,
  ) {}

  /** Ends it when it is silent or old, or when the proxy ends. */
  watch(socket: Socket): void {
    if (this.isOver) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    const lifetime = setTimeout(() => socket.destroy(), LIFETIME_MS);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.count(chunk.length));
    // Who waits for it hears of it by its end; without a listener the process would end of it.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(lifetime);
      this.sockets.delete(socket);
    });
  }

  /** @throws EgressRefused, EgressFailed */
  async connect(destination: Destination): Promise<Socket> {
    const addresses = await pinnedAddresses(destination, this.exceptedRanges, this.lookup);
    if (this.isOver) throw new EgressFailed('The proxy has ended.');
    const { host, port } = destination;
    const socket = connect({ host, port, lookup: answerWith(addresses), autoSelectFamily: true, allowHalfOpen: true });
    this.watch(socket);
    return await new Promise((resolve, reject) => {
      const fail = (cause?: unknown): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new EgressFailed(`${placeOf(destination)} cannot be reached.`, { cause }));
      };
      const timer = setTimeout(fail, CONNECT_TIMEOUT_MS, new Error('no connection in time'));
      socket.once('close', fail);
      socket.once('error', fail);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('close', fail);
        socket.off('error', fail);
        resolve(socket);
      });
    });
  }

  /** The status and the words for a request that was not passed on. */
  answerTo(error: unknown, place: string): { readonly status: number; readonly text: string } {
    if (error instanceof EgressRefused) {
      this.log(`A program in the sandbox may not reach ${place}: ${error.rule}.`);
      return { status: 403, text: `${error.rule}: ${error.message}\n` };
    }
    if (error instanceof EgressFailed) return { status: 502, text: `${error.message}\n` };
    this.log(`A request of a program in the sandbox to ${place} failed: ${String(error)}`);
    return { status: 502, text: 'The request could not be passed on.\n' };
  }

  end(): void {
    this.isOver = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MAX_BYTES && !this.isOver) {
      this.logger.warn(`A program in the sandbox moved more than ${MAX_BYTES} bytes: its network is cut.`);
      this.end();
    }
  }

  /** Once each: what a program asks for in a loop must not flood the log. */
  private log(sentence: string): void {
    if (this.logged.has(sentence) || this.logged.size >= MAX_LOGGED_REFUSALS) return;
    this.logged.add(sentence);
    this.logger.warn(sentence);
  }
}
