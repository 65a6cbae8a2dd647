var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var Notifications_1;
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from './database.service.js';
import { databaseUrl, KeptConnection } from './kept-connection.js';
const COALESCE_MS = 10;
/** PostgreSQL takes less than 8,000 bytes a notification. */
const MAX_PAYLOAD_BYTES = 7_500;
/**
 * NOTIFY between replicas: one listening connection a process, and at most one transaction of NOTIFYs each 10 ms.
 * A notification is a hint that may be lost while a connection is away: listeners hear of every reconnect and read what they missed.
 */
let Notifications = Notifications_1 = class Notifications {
    database;
    logger = new Logger(Notifications_1.name);
    listeners = new Map();
    reconnectListeners = new Set();
    outgoing = new Map();
    connection;
    timer;
    constructor(database, dataSource) {
        this.database = database;
        this.connection = new KeptConnection({ connectionString: databaseUrl(dataSource), application_name: 'nyx:listen' }, async (client, isReconnect) => {
            client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? ''));
            for (const channel of this.listeners.keys())
                await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
            if (isReconnect)
                this.reconnectListeners.forEach((listener) => listener());
        }, (reason) => this.logger.warn(`The listening connection was lost (${reason}); connecting again.`));
    }
    async onModuleInit() {
        await this.connection.open();
    }
    async onApplicationShutdown() {
        clearTimeout(this.timer);
        await this.flush();
        await this.connection.close();
    }
    /** To be called in constructors: a channel is listened to from the start of the application on. */
    on(channel, listener) {
        const listeners = this.listeners.get(channel) ?? new Set();
        this.listeners.set(channel, listeners.add(listener));
    }
    onReconnect(listener) {
        this.reconnectListeners.add(listener);
    }
    /** Sends `item` (no newline in it) to every replica's listeners, ours included; what comes within 10 ms travels together. */
    notify(channel, item) {
        const items = this.outgoing.get(channel) ?? new Set();
        this.outgoing.set(channel, items.add(item));
        this.timer ??= setTimeout(() => void this.flush(), COALESCE_MS);
    }
    deliver(channel, payload) {
        for (const item of payload.split('\n')) {
            for (const listener of this.listeners.get(channel) ?? [])
                listener(item);
        }
    }
    async flush() {
        this.timer = undefined;
        const messages = [...this.outgoing].flatMap(([channel, items]) => packed(items).map((payload) => [channel, payload]));
        this.outgoing.clear();
        if (messages.length === 0)
            return;
        try {
            await this.database.query('SELECT pg_notify(m->>0, m->>1) FROM jsonb_array_elements($1::jsonb) m', [
                JSON.stringify(messages),
            ]);
        }
        catch (error) {
            this.logger.warn(`${messages.length} notifications were not sent: ${String(error)}`);
        }
    }
};
Notifications = Notifications_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        DataSource])
], Notifications);
export { Notifications };
/** Items joined by newlines in as few payloads as fit. */
function packed(items) {
    const payloads = [];
    for (const item of items) {
        const last = payloads.at(-1);
        if (last !== undefined && Buffer.byteLength(last) + Buffer.byteLength(item) < MAX_PAYLOAD_BYTES)
            payloads[payloads.length - 1] = `${last}\n${item}`;
        else
            payloads.push(item);
    }
    return payloads;
}
//# sourceMappingURL=notifications.service.js.map