import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import type { Transaction } from '../../src/database/sql.js';
import { EventFeed } from '../../src/events/event-feed.js';
import type { EventType, NewEvent } from '../../src/events/event-data.js';
import { EventLog } from '../../src/events/event-log.js';
import type { DeliveryView } from '../../src/events/webhooks/dto/delivery.dto.js';
import type { CreatedWebhook } from '../../src/events/webhooks/dto/webhook.dto.js';
import { startLoopback, type Loopback, type SeenRequest } from '../egress/loopback.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

export const WEBHOOKS = '/api/v1/system/webhooks';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

export interface Message {
  readonly workflow_id: string;
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly data: Record<string, unknown>;
}

export const messageIn = ({ body }: SeenRequest): Message => JSON.parse(body) as Message;

/** A receiver whose answer can be changed. */
export class Receiver {
  answer: Answering;

  private constructor(readonly server: Loopback) {
    this.answer = ok;
  }

  static async start(): Promise<Receiver> {
    const box: { receiver?: Receiver } = {};
    const server = await startLoopback((request, response) => (box.receiver?.answer ?? ok)(request, response));
    return (box.receiver = new Receiver(server));
  }

  get messages(): Message[] {
    return this.server.seen.map(messageIn);
  }

  /** Waits for so many requests. */
  async heard(count: number): Promise<SeenRequest[]> {
    await until(`${count} requests (${this.server.seen.length} so far)`, () => this.server.seen.length >= count);
    return this.server.seen;
  }

  /** What the package of Standard Webhooks says to a request. @throws when the signature is not good */
  static verified(request: SeenRequest, secret: string): unknown {
    return new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
  }
}

export const ok: Answering = (_request, response) => void response.end('thank you');
export const status =
  (code: number, headers: Record<string, string> = {}): Answering =>
  (_request, response) =>
    void response.writeHead(code, headers).end();

/** NYX in this process, which may reach 127.0.0.0/8, and streams of events that only the test writes to. */
const saying = (type: EventType): NewEvent => ({ type, data: { said: type } }) as unknown as NewEvent;

export class WebhookRoom {
  private constructor(readonly nyx: TestApp) {}

  static async start(privateRanges: readonly string[] = ['127.0.0.0/8']): Promise<WebhookRoom> {
    return new WebhookRoom(await startApp({ logLevel: 'warn', tools: { privateRanges } }));
  }

  get database(): Database {
    return this.nyx.app.get(Database);
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows what the answer is
  async call<Body>(method: string, path = '', body?: unknown): Promise<{ status: number; body: Body; text: string }> {
    const answer = await this.nyx.request('admin', method, `${WEBHOOKS}${path}`, body);
    const text = await answer.text();
    return { status: answer.status, text, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }

  async make(receiver: Receiver, more: Record<string, unknown> = {}): Promise<CreatedWebhook> {
    const body = { url: `${receiver.server.url}/hook?key=in-the-url`, event_types: ['*'], ...more };
    const answer = await this.call<CreatedWebhook>('POST', '', body);
    if (answer.status !== 201) throw new Error(`The webhook was not made: ${answer.text}`);
    return answer.body;
  }

  /** A workflow's stream with its first events. */
  async begin(...types: EventType[]): Promise<string> {
    const id = newId();
    const events = types.map(saying);
    await this.database.transaction((tx) => this.nyx.app.get(EventLog).begin(tx, id, 'test', events));
    this.nyx.app.get(EventFeed).announce(id);
    return id;
  }

  async append(id: string, ...types: EventType[]): Promise<void> {
    await this.database.transaction((tx) => this.appendIn(tx, id, ...types));
    this.nyx.app.get(EventFeed).announce(id);
  }

  /** Has appended when it resolves. */
  async appendIn(tx: Transaction, id: string, ...types: EventType[]): Promise<void> {
    this.nyx.app.get(EventLog).append(tx, id, types.map(saying));
    await tx.query('SELECT');
  }

  /** Oldest first. */
  async deliveries(webhookId: string, query = ''): Promise<DeliveryView[]> {
    const answer = await this.call<{ items: DeliveryView[] }>('GET', `/${webhookId}/deliveries?limit=200${query}`);
    return answer.body.items.sort((a, b) => a.seq - b.seq);
  }

  untilStatuses(webhookId: string, ...statuses: string[]): Promise<DeliveryView[]> {
    return this.untilStatusesWithin(20_000, webhookId, ...statuses);
  }

  async untilStatusesWithin(timeoutMs: number, webhookId: string, ...statuses: string[]): Promise<DeliveryView[]> {
    let last: DeliveryView[] = [];
    const areSo = async (): Promise<boolean> => {
      last = await this.deliveries(webhookId);
      return JSON.stringify(last.map((delivery) => delivery.status)) === JSON.stringify(statuses);
    };
    await until(`deliveries to be ${statuses.join(', ')}`, areSo, timeoutMs);
    return last;
  }

  /** Makes everything that waits due, as if its time had come. */
  async letTimePass(): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status IN ('pending', 'failed') AND NOT is_being_sent`,
    );
    this.nyx.app.get(EventFeed).announce(newId());
  }

  /** So that every attempt is the last. */
  async letADayPass(): Promise<void> {
    await this.database.query('UPDATE webhook_deliveries SET retry_until = now()');
    await this.letTimePass();
  }

  async clear(): Promise<void> {
    await this.database.query('DELETE FROM webhooks');
  }
}
