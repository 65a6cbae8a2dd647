import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from './database.service.js';
import { databaseUrl, KeptConnection } from './kept-connection.js';
import type { Transaction } from './sql.js';
import { storableJson } from './storable.js';

type Listener = (item: string) => void;

const COALESCE_MS = 10;
/** A connection on which nobody says anything may be lost without a word. */
const ASK_MS = 5_000;
const ANSWER_TIMEOUT_MS = 4_000;
/** PostgreSQL takes less than 8,000 bytes a notification. */
const MAX_PAYLOAD_BYTES = 7_500;

/**
 * NOTIFY between replicas: one listening connection a process, and at most one transaction of NOTIFYs each 10 ms.
 * A notification is a hint that may be lost while a connection is away: listeners hear of every reconnect and read what they missed.
 */
@Injectable()
export class Notifications implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Notifications.name);
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly reconnectListeners = new Set<() => void>();
  private readonly outgoing = new Map<string, Set<string>>();
  private readonly connection: KeptConnection;
  private timer: NodeJS.Timeout | undefined;
  private asking: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    dataSource: DataSource,
  ) {
    this.connection = new KeptConnection(
      { connectionString: databaseUrl(dataSource), application_name: 'nyx:listen', query_timeout: ANSWER_TIMEOUT_MS },
      async (client, isReconnect) => {
        client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? ''));
        for (const channel of this.listeners.keys()) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
        if (isReconnect) this.reconnectListeners.forEach((listener) => listener());
      },
      (reason) => this.logger.warn(`The listening connection was lost (${reason}); connecting again.`),
    );
  }

  async onModuleInit(): Promise<void> {
    await this.connection.open();
    this.asking = setInterval(() => {
      this.connection.current?.query('SELECT 1').catch(() => this.connection.abandon());
    }, ASK_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    clearInterval(this.asking);
    await this.flush();
    await this.connection.close();
  }

  /** To be called in constructors: a channel is listened to from the start of the application on. */
  on(channel: string, listener: Listener): void {
    const listeners = this.listeners.get(channel) ?? new Set<Listener>();
    this.listeners.set(channel, listeners.add(listener));
  }

  onReconnect(listener: () => void): void {
    this.reconnectListeners.add(listener);
  }

  /** Sends `item` (no newline in it) to every replica's listeners, ours included; what comes within 10 ms travels together. */
  notify(channel: string, item: string): void {
    const items = this.outgoing.get(channel) ?? new Set<string>();
    this.outgoing.set(channel, items.add(item));
    this.timer ??= setTimeout(() => void this.flush(), COALESCE_MS);
  }

  /** Sends `item` to every replica's listeners when `tx` commits, and not otherwise: for what must be heard though this process dies then. */
  async notifyWith(tx: Transaction, channel: string, item: string): Promise<void> {
    await tx.query('SELECT pg_notify($1, $2)', [channel, item]);
  }

  private deliver(channel: string, payload: string): void {
    for (const item of payload.split('\n')) {
      for (const listener of this.listeners.get(channel) ?? []) listener(item);
    }
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const messages = [...this.outgoing].flatMap(([channel, items]) =>
      packed(items).map((payload) => [channel, payload]),
    );
    this.outgoing.clear();
    if (messages.length === 0) return;
    try {
      await this.database.query('SELECT pg_notify(m->>0, m->>1) FROM jsonb_array_elements($1::jsonb) m', [
        storableJson(messages),
      ]);
    } catch (error) {
      this.logger.warn(`${messages.length} notifications were not sent: ${String(error)}`);
    }
  }
}

/** Items joined by newlines in as few payloads as fit. */
function packed(items: ReadonlySet<string>): string[] {
  const payloads: string[] = [];
  for (const item of items) {
    const last = payloads.at(-1);
    if (last !== undefined && Buffer.byteLength(last) + Buffer.byteLength(item) < MAX_PAYLOAD_BYTES)
      payloads[payloads.length - 1] = `${last}\n${item}`;
    else payloads.push(item);
  }
  return payloads;
}
