import { Logger } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { setTimeout as sleep } from 'node:timers/promises';
import { Isolation } from '../../auth/isolation.js';
import { invalid, notFound, Problem } from '../../http/problem.js';
import { EventLog } from '../event-log.js';
import { PAGE, WorkflowTails } from '../workflow-tails.js';
import { Connection } from './connection.js';
import { LiveGateway } from './live.gateway.js';
import type { LiveSocket } from './live-socket.js';
import { LiveSockets } from './live-sockets.js';
import { Subscribe, Unsubscribe } from './subscription.dto.js';

const MAX_SUBSCRIPTIONS = 1_000;
const RETRY_MS = 500;

interface Subscription {
  readonly workflowId: string;
  /** The last event sent, while it is not live. */
  seq: number;
  isLive: boolean;
}

/** What one socket has subscribed to. */
interface Reader {
  readonly subscriptions: Map<string, Subscription>;
  /** Those that do not have all of their history yet. */
  readonly behind: Set<Subscription>;
  isReading: boolean;
}

/** Those sockets that have all there is of a workflow get what is new together. */
interface Room {
  position: number;
  readonly sockets: Set<LiveSocket>;
  readonly stop: () => void;
}

/**
 * The events of workflows: of each that a client subscribes to its history first, page by page as the client reads, then what happens.
 * A client that does not read what happens is told `lagged` and comes back by `subscribe` with the last number it saw.
 */
@WebSocketGateway({ namespace: '/ws/workflows' })
export class WorkflowsGateway extends LiveGateway {
  private readonly logger = new Logger(WorkflowsGateway.name);
  private readonly readers = new Map<LiveSocket, Reader>();
  private readonly rooms = new Map<string, Room>();

  constructor(
    sockets: LiveSockets,
    private readonly log: EventLog,
    private readonly tails: WorkflowTails,
    private readonly isolation: Isolation,
  ) {
    super(sockets);
  }

  @SubscribeMessage('subscribe')
  async subscribe(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() { workflow_id: given, after_seq: afterSeq }: Subscribe,
  ): Promise<{ ok: true; last_seq: number }> {
    const workflowId = given.toLowerCase();
    const lastSeq = await this.log.lastSeq(workflowId, this.isolation.ownerFor(socket.data.principal));
    if (lastSeq === undefined) throw notFound('The workflow');
    const seq = afterSeq ?? 0;
    if (seq > lastSeq) throw invalid('after_seq', `is beyond the last event, ${lastSeq}`);
    const reader = this.readers.get(socket);
    if (reader === undefined) return { ok: true, last_seq: lastSeq };
    if (reader.subscriptions.size >= MAX_SUBSCRIPTIONS && !reader.subscriptions.has(workflowId))
      throw new Problem('RATE_LIMITED', `One socket may subscribe to ${MAX_SUBSCRIPTIONS} workflows.`);
    this.end(socket, reader, workflowId);
    const subscription = { workflowId, seq, isLive: false };
    reader.subscriptions.set(workflowId, subscription);
    reader.behind.add(subscription);
    // After the acknowledgement.
    setImmediate(() => void this.catchUp(socket, reader));
    return { ok: true, last_seq: lastSeq };
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: LiveSocket, @MessageBody() { workflow_id: given }: Unsubscribe): { ok: true } {
    const reader = this.readers.get(socket);
    if (reader !== undefined) this.end(socket, reader, given.toLowerCase());
    return { ok: true };
  }

  protected override joined(socket: LiveSocket): void {
    const reader: Reader = { subscriptions: new Map(), behind: new Set(), isReading: false };
    this.readers.set(socket, reader);
    const stop = Connection.of(socket).onChange((isFull) => isFull && this.lag(socket, reader));
    socket.once('disconnect', stop);
  }

  protected override left(socket: LiveSocket): void {
    const reader = this.readers.get(socket);
    this.readers.delete(socket);
    for (const workflowId of [...(reader?.subscriptions.keys() ?? [])])
      if (reader) this.end(socket, reader, workflowId);
  }

  /** One page after the other, of each of its workflows in turn, as long as the client reads. */
  private async catchUp(socket: LiveSocket, reader: Reader): Promise<void> {
    if (reader.isReading) return;
    reader.isReading = true;
    for (let [next] = reader.behind; next !== undefined; [next] = reader.behind) {
      reader.behind.delete(next);
      reader.behind.add(next);
      try {
        await this.readOn(socket, reader, next);
      } catch (error) {
        this.logger.warn(`Events of ${next.workflowId} could not be read: ${String(error)}`);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
    reader.isReading = false;
  }

  private async readOn(socket: LiveSocket, reader: Reader, subscription: Subscription): Promise<void> {
    const { workflowId } = subscription;
    const connection = Connection.of(socket);
    await connection.untilRoom();
    const events = await this.tails.page(workflowId, subscription.seq, socket.id);
    for (const event of events) {
      // What does not fit is read again: kept, it would be the memory of who does not read.
      if (!reader.behind.has(subscription) || connection.isFull) return;
      socket.emit('event', event);
      subscription.seq = event.seq;
    }
    if (events.length === PAGE || !reader.behind.has(subscription) || connection.isFull) return;
    if (this.goLive(socket, subscription)) reader.behind.delete(subscription);
    else await this.tails.reaches(workflowId, subscription.seq);
  }

  /** False where those who are live are at another event. */
  private goLive(socket: LiveSocket, subscription: Subscription): boolean {
    const { workflowId, seq } = subscription;
    const room = this.rooms.get(workflowId) ?? this.open(workflowId, seq);
    if (room?.position !== seq) return false;
    room.sockets.add(socket);
    void socket.join(workflowId);
    subscription.isLive = true;
    return true;
  }

  private open(workflowId: string, position: number): Room | undefined {
    const stop = this.tails.follow(workflowId, position, (event) => {
      room.position = event.seq;
      this.namespace?.to(workflowId).emit('event', event);
    });
    if (stop === undefined) return undefined;
    const room: Room = { position, sockets: new Set(), stop };
    this.rooms.set(workflowId, room);
    return room;
  }

  /** The client has not read what it got: it gets nothing more of what is live, and is told where it stopped. */
  private lag(socket: LiveSocket, reader: Reader): void {
    for (const { workflowId, isLive } of [...reader.subscriptions.values()]) {
      if (!isLive) continue;
      const lastSeq = this.rooms.get(workflowId)?.position;
      this.end(socket, reader, workflowId);
      process.nextTick(() => socket.emit('lagged', { workflow_id: workflowId, last_seq: lastSeq }));
    }
  }

  private end(socket: LiveSocket, reader: Reader, workflowId: string): void {
    const subscription = reader.subscriptions.get(workflowId);
    if (subscription === undefined) return;
    reader.subscriptions.delete(workflowId);
    reader.behind.delete(subscription);
    void socket.leave(workflowId);
    const room = this.rooms.get(workflowId);
    room?.sockets.delete(socket);
    if (room?.sockets.size !== 0) return;
    room.stop();
    this.rooms.delete(workflowId);
  }
}
