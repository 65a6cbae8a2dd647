import { AsyncLocalStorage } from 'node:async_hooks';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike, Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { EgressFailed, EgressRefused } from '../../../egress/egress.types.js';
import { within } from '../../../waiting/within.js';
import { CLOSED, MAX_MESSAGE_BYTES, type McpTransport } from './mcp-transport.js';
import { MessageGate } from './message-gate.js';
import { MessageMeasure } from './message-measure.js';

/** For what nobody waits for, such as notifications; a request has the time of whoever makes it. */
const POST_MS = 30_000;
/** A stream may stay open this long after it brought its answer. */
const AFTER_ANSWER_MS = 5_000;
const GOODBYE_MS = 1_000;
/** Event streams opened in a minute; a server decides when they end and when they are opened again. */
const MAX_STREAMS = 20;
const MINUTE_MS = 60_000;

/** Talks streamable HTTP. Whatever is sent goes through `fetch`, which guards where to. */
export class HttpTransport implements McpTransport {
  onclose: Transport['onclose'];
  onerror: Transport['onerror'];
  onmessage: Transport['onmessage'];
  endReason: string | undefined;
  private readonly inner: StreamableHTTPClientTransport;
  private readonly gate = new MessageGate();
  private readonly posts = new Map<RequestId | symbol, AbortController>();
  /** The post that is being made. */
  private readonly current = new AsyncLocalStorage<AbortController>();
  private streamsOpenedAtMs: number[] = [];

  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    private readonly fetch: FetchLike,
  ) {
    this.inner = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers },
      fetch: (address, init) => this.guardedFetch(address, init),
    });
  }

  get sessionId(): string | undefined {
    return this.inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.inner.setProtocolVersion(version);
  }

  async start(): Promise<void> {
    this.inner.onmessage = (message) => this.take(message);
    this.inner.onerror = (error) => this.hear(error);
    await this.inner.start();
  }

  /** @throws what kept it from being sent */
  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.endReason !== undefined) throw new Error('The server is not connected.');
    const isRequest = 'method' in message && 'id' in message;
    const id = isRequest ? message.id : Symbol('post');
    const post = new AbortController();
    this.posts.set(id, post);
    const timer = isRequest ? undefined : setTimeout(() => post.abort(), POST_MS);
    try {
      await this.current.run(post, () => this.inner.send(message, options));
    } catch (error) {
      const reason = fatalReason(error);
      if (reason !== undefined) this.end(reason);
      throw error;
    } finally {
      clearTimeout(timer);
      if (!isRequest) this.posts.delete(id);
      this.forgetCancelled(message);
    }
  }

  async close(): Promise<void> {
    if (this.endReason === undefined && this.inner.sessionId !== undefined) {
      const goodbye = within(
        GOODBYE_MS,
        () => this.inner.terminateSession(),
        () => new Error('It does not say goodbye.'),
      );
      await goodbye.catch(() => undefined);
    }
    this.end(CLOSED);
  }

  private take(message: JSONRPCMessage): void {
    if (this.endReason !== undefined) return;
    if (!this.gate.admits(performance.now())) {
      this.end('it sends too many messages');
      return;
    }
    if (!('method' in message) && message.id !== undefined) this.letEnd(message.id);
    this.onmessage?.(message);
  }

  /** A server that answered has no more to say on that stream. */
  private letEnd(id: RequestId): void {
    const post = this.posts.get(id);
    this.posts.delete(id);
    if (post !== undefined) setTimeout(() => post.abort(), AFTER_ANSWER_MS).unref();
  }

  private forgetCancelled(message: JSONRPCMessage): void {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return;
    const id = message.params?.requestId as RequestId;
    this.posts.get(id)?.abort();
    this.posts.delete(id);
  }

  private hear(error: Error): void {
    if (error.message.startsWith('Maximum reconnection attempts')) this.end('its event stream cannot be opened');
    else this.onerror?.(error);
  }

  private async guardedFetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const post = init.method === 'POST' ? this.current.getStore() : undefined;
    if (init.method === 'GET') this.countStream();
    const response = await this.fetch(address, post === undefined ? init : { ...init, signal: post.signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new EgressRefused('too_many_redirects', 'it redirects to another address, which is not followed');
    }
    if (response.body === null) return response;
    const isEventStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const body = response.body.pipeThrough(this.boundedBody(isEventStream));
    return new Response(body, { status: response.status, headers: response.headers });
  }

  private countStream(): void {
    const nowMs = performance.now();
    this.streamsOpenedAtMs = [...this.streamsOpenedAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS), nowMs];
    if (this.streamsOpenedAtMs.length <= MAX_STREAMS) return;
    this.end('it keeps ending its event stream');
    throw new EgressFailed('it keeps ending its event stream');
  }

  /** Of an event stream each event is a message, of anything else the whole. */
  private boundedBody(isEventStream: boolean): TransformStream<Uint8Array, Uint8Array> {
    const measure = new MessageMeasure(isEventStream);
    return new TransformStream({
      transform: (chunk, controller) => {
        if (measure.add(chunk) <= MAX_MESSAGE_BYTES) {
          controller.enqueue(chunk);
        } else {
          this.end(`it sent a message of more than ${MAX_MESSAGE_BYTES} bytes`);
          controller.error(new Error('The message is too long.'));
        }
      },
    });
  }

  /** At once: nothing more of it is read. */
  private end(reason: string): void {
    if (this.endReason !== undefined) return;
    this.endReason = reason;
    for (const post of this.posts.values()) post.abort();
    this.posts.clear();
    void this.inner.close();
    this.onclose?.();
  }
}

/** Why nothing more can come of a server that answered this. Undefined: it is about one message only. */
function fatalReason(error: unknown): string | undefined {
  if (error instanceof EgressRefused || error instanceof EgressFailed) return error.message;
  if (!(error instanceof StreamableHTTPError) || error.code === undefined) return undefined;
  if (error.code === 401 || error.code === 403) return `it refuses the credentials (${error.code})`;
  if (error.code === 404) return 'it knows neither the address nor the session (404)';
  return error.code >= 500 ? `it answered ${error.code}` : undefined;
}
