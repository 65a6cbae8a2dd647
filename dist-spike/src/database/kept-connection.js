import pg from 'pg';
const RETRY_MS = 250;
/** Where the application's database is, for connections outside its pool. */
export function databaseUrl(dataSource) {
    const { options } = dataSource;
    if (options.type !== 'postgres' || options.url === undefined)
        throw new Error('NYX runs on PostgreSQL, by URL.');
    return options.url;
}
/**
 * One connection of its own outside every pool, for session state (LISTEN, session locks): when it is lost it is made
 * again, and `prepare` sets its session up anew.
 */
export class KeptConnection {
    config;
    prepare;
    onLost;
    client;
    closed = false;
    constructor(config, prepare, onLost) {
        this.config = config;
        this.prepare = prepare;
        this.onLost = onLost;
    }
    /** Connects once; throws when that fails. Later losses are mended by itself. */
    async open() {
        await this.connect(false);
    }
    /** The connection, or undefined while it is lost. */
    get current() {
        return this.client;
    }
    async close() {
        this.closed = true;
        const client = this.client;
        this.client = undefined;
        await client?.end().catch(() => undefined);
    }
    /** Ends a connection that no longer answers, so that a new one is made. */
    abandon() {
        const client = this.client;
        if (client !== undefined)
            this.lost(client, 'it did not answer');
    }
    async connect(isReconnect) {
        const client = new pg.Client({ keepAlive: true, connectionTimeoutMillis: 5_000, ...this.config });
        let reason = 'it was closed';
        client.on('error', (error) => (reason = error.message));
        client.once('end', () => this.lost(client, reason));
        try {
            await client.connect();
            await this.prepare(client, isReconnect);
        }
        catch (error) {
            void client.end().catch(() => undefined);
            throw error;
        }
        if (this.closed)
            await client.end();
        else
            this.client = client;
    }
    lost(client, reason) {
        if (this.client !== client)
            return;
        this.client = undefined;
        if (this.closed)
            return;
        this.onLost(reason);
        void client.end().catch(() => undefined);
        this.reconnect();
    }
    reconnect() {
        setTimeout(() => {
            if (this.closed)
                return;
            this.connect(true).catch(() => this.reconnect());
        }, RETRY_MS).unref();
    }
}
//# sourceMappingURL=kept-connection.js.map