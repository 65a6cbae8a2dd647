import { UseFilters } from '@nestjs/common';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Event } from 'socket.io';
import type { Role } from '../../auth/roles.js';
import { unacceptableIn } from '../../http/plain-json.rules.js';
import { invalid, Problem } from '../../http/problem.js';
import { acknowledge, refuse } from './acknowledgement.js';
import { Connection } from './connection.js';
import type { LiveNamespace, LiveSocket } from './live-socket.js';
import { LiveSockets } from './live-sockets.js';
import { refusal } from './refusal.js';
import { SocketProblems } from './socket-problems.filter.js';

/** Sockets that have not read what they got. */
const FULL = 'full';
/** A client that was refused and stays. */
const LEAVE_MS = 1_000;

/**
 * What all gateways share: who may connect and for how long, what clients may emit and how often, and that nothing is kept for who does not
 * read. A gateway says its namespace by `@WebSocketGateway`, and takes what clients emit by `@SubscribeMessage` with a DTO as its body:
 * what the handler returns is the acknowledgement, `{ok: true, …}`; what it throws is one with `ok: false`, `error_code` and `message`.
 */
@UseFilters(SocketProblems)
export abstract class LiveGateway implements OnGatewayInit<LiveNamespace>, OnGatewayConnection, OnGatewayDisconnect {
  /** The least role to connect. */
  protected readonly required: Role = 'viewer';
  protected namespace: LiveNamespace | undefined;

  protected constructor(private readonly sockets: LiveSockets) {}

  /** A client is there, and hears what is sent from now on. */
  protected abstract joined(socket: LiveSocket): void;

  /** It is gone. */
  protected left(_socket: LiveSocket): void {
    // Most keep nothing of it.
  }

  afterInit(namespace: LiveNamespace): void {
    this.namespace = namespace;
    namespace.use((socket, next) => {
      this.sockets.admit(socket, this.required).then(
        () => next(),
        (error: unknown) => {
          next(refusal(error));
          const connection = Connection.of(socket);
          setTimeout(() => connection.joined === 0 && connection.close(), LEAVE_MS).unref();
        },
      );
    });
  }

  handleConnection(socket: LiveSocket): void {
    const connection = Connection.of(socket);
    connection.joined += 1;
    const stop = connection.onChange((isFull) => void (isFull ? socket.join(FULL) : socket.leave(FULL)));
    socket.once('disconnect', stop);
    socket.use((event, next) => {
      const wrong = this.wrongWith(socket, event);
      if (wrong === undefined) next();
      else acknowledge(event, refuse(wrong));
    });
    this.sockets.add(socket);
    this.joined(socket);
  }

  handleDisconnect(socket: LiveSocket): void {
    Connection.of(socket).joined -= 1;
    this.sockets.remove(socket);
    this.left(socket);
  }

  /** How many are connected here. */
  protected get count(): number {
    return this.namespace?.sockets.size ?? 0;
  }

  /** Sends to all who are connected here, or in `room`, encoded once; who has not read what came before goes without. */
  protected broadcast(event: string, body: object, room?: string): void {
    const others = this.namespace?.except(FULL);
    if (room === undefined) others?.emit(event, body);
    else others?.to(room).emit(event, body);
  }

  private wrongWith(socket: LiveSocket, [name, ...args]: Event): Problem | undefined {
    if (Connection.of(socket).budget.isSpent)
      return new Problem('RATE_LIMITED', 'Too many messages; wait a moment.', { retryAfterSeconds: 1 });
    if (name === 'error' || socket.listenerCount(name) === 0)
      return invalid('event', 'there is none of this name here');
    const [body, ...more] = args.filter((arg) => typeof arg !== 'function') as unknown[];
    if (more.length > 0 || typeof body !== 'object' || body === null || Array.isArray(body) || Buffer.isBuffer(body))
      return invalid('body', 'must be one JSON object');
    const wrong = unacceptableIn(body);
    return wrong && invalid(wrong.field, wrong.message);
  }
}
