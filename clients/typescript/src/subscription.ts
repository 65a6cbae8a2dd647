import { io, type Socket } from 'socket.io-client';
import type { components } from './events.js';
import { NyxProblem, type SocketProblem } from './problem.js';
import type { Secret } from './session.js';

export type WorkflowEvent = components['schemas']['WorkflowEvent'];

const ACKNOWLEDGE_MS = 10_000;
/** Of events that wait to be read: who reads more slowly gets the rest over another connection. */
const MAX_WAITING = 1_000;

type Acknowledged = { readonly ok: true; readonly last_seq: number } | ({ readonly ok: false } & SocketProblem);

/** One connection, until it breaks for whatever reason. */
export class Subscription {
  /** Why NYX ended it, where it said so. */
  problem: NyxProblem | undefined;
  /** The last event there was when it began. */
  lastSeq = Infinity;

  private readonly socket: Socket;
  private readonly waiting: WorkflowEvent[] = [];
  private hasEnded = false;
  private wake = (): void => undefined;

  constructor(
    url: string,
    secret: Secret,
    private readonly workflowId: string,
    private readonly afterSeq: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    // Socket.IO takes the path of an address for the namespace, whatever NYX is served under.
    const [, origin = '', prefix = ''] = /^(\w+:\/\/[^/]+)?(.*)$/.exec(url) ?? [];
    this.socket = io(`${origin}/ws/workflows`, {
      path: `${prefix}/socket.io`,
      auth: { ...secret },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    this.socket.on('connect', () => this.subscribe());
    this.socket.on('event', (event: WorkflowEvent) => this.take(event));
    this.socket.on('lagged', this.end);
    this.socket.on('disconnect', this.end);
    this.socket.on('auth_expired', (problem: SocketProblem) => this.refuse(problem));
    this.socket.on('connect_error', (error: Error & { readonly data?: SocketProblem }) => {
      if (error.data) this.refuse(error.data);
      else this.end();
    });
    signal?.addEventListener('abort', this.end);
  }

  get isAccepted(): boolean {
    return this.lastSeq < Infinity;
  }

  /** Those that arrived before it ended too. */
  async *events(): AsyncGenerator<WorkflowEvent, void, undefined> {
    for (;;) {
      const event = this.waiting.shift();
      if (event !== undefined) yield event;
      else if (this.hasEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }

  readonly end = (): void => {
    this.hasEnded = true;
    this.signal?.removeEventListener('abort', this.end);
    this.socket.disconnect();
    this.wake();
  };

  private subscribe(): void {
    const request = { workflow_id: this.workflowId, after_seq: this.afterSeq };
    this.socket
      .timeout(ACKNOWLEDGE_MS)
      .emit('subscribe', request, (error: Error | null, answer: Acknowledged | undefined) => {
        if (error !== null || answer === undefined) this.end();
        else if (answer.ok) this.lastSeq = answer.last_seq;
        else this.refuse(answer);
      });
  }

  private take(event: WorkflowEvent): void {
    if (this.hasEnded) return;
    this.waiting.push(event);
    if (this.waiting.length >= MAX_WAITING) this.end();
    else this.wake();
  }

  private refuse(problem: SocketProblem): void {
    this.problem = NyxProblem.ofSocket(problem);
    this.end();
  }
}
