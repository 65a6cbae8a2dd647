import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../config/start-error.js';
import { openClusterFolder, SUPERUSER } from './embedded/cluster-folder.js';
import { findPostgresBinaries } from './embedded/postgres-binaries.js';
import { embeddedClient, ensureServer, signalServer, stopServer, } from './embedded/postgres-server.js';
const USUAL_PORT = 54329;
const DATABASE = 'nyx';
/** Of the session that owns the folder; a number like any other. */
const FOLDER_LOCK = 5_207_001;
/** The session of a NYX that was killed ends a moment after it. */
const LOCK_PATIENCE_MS = 2_000;
const REVIVE_PAUSE_MS = 250;
const SETTINGS = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    io_method: 'sync',
    wal_level: 'minimal',
    max_wal_senders: '0',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
};
/**
 * A real PostgreSQL in the data folder, on loopback. One NYX owns a folder: the owner holds an advisory lock in a session of its own,
 * which ends with the process however it dies. A server that outlived its NYX is adopted. One that ends while NYX runs is started again on
 * the same port.
 */
export class EmbeddedPostgres {
    server;
    options;
    running;
    lock;
    stopping = false;
    constructor(server, options, running, lock) {
        this.server = server;
        this.options = options;
        this.running = running;
        this.lock = lock;
        this.watch(lock);
        process.once('exit', this.endWithProcess);
    }
    /** @throws StartError one sentence: the folder cannot be written, another NYX owns it, or the server does not start. */
    static async start(options) {
        const binaries = await findPostgresBinaries();
        const settings = { ...SETTINGS, ...options.settings };
        const folder = await openClusterFolder(options.dataDir, binaries, { sync: settings.fsync !== 'off' });
        const server = { binaries, folder, settings, preferredPort: options.usualPort ?? USUAL_PORT };
        const { running, lock } = await own(server, options.dataDir);
        const { rows } = await lock.query(`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
        if (rows.length === 0)
            await lock.query(`CREATE DATABASE ${DATABASE}`);
        return new EmbeddedPostgres(server, options, running, lock);
    }
    /** Holds the password: never to be logged. */
    get url() {
        return this.urlOf(DATABASE);
    }
    get pid() {
        return this.running.pid;
    }
    get port() {
        return this.running.port;
    }
    get adopted() {
        return this.running.adopted;
    }
    urlOf(database) {
        return `postgresql://${SUPERUSER}:${this.server.folder.password}@127.0.0.1:${this.running.port}/${database}`;
    }
    /** Ends the server; when it resolves no process of it is left. The folder is free only then. */
    async stop() {
        this.stopping = true;
        await stopServer(this.running.pid);
        process.off('exit', this.endWithProcess);
        await this.lock.end().catch(() => undefined);
    }
    endWithProcess = () => signalServer(this.running.pid, 'SIGINT');
    watch(lock) {
        lock.once('end', () => {
            if (!this.stopping)
                void this.revive();
        });
    }
    async revive() {
        const server = { ...this.server, preferredPort: this.running.port };
        try {
            await sleep(REVIVE_PAUSE_MS);
            const { running, lock } = await own(server, this.options.dataDir);
            if (this.stopping) {
                await this.giveUp(lock, running);
                return;
            }
            if (running.port !== this.running.port) {
                await this.giveUp(lock, running);
                throw new StartError('The embedded PostgreSQL ended and its port was taken before it could start again: start NYX again.');
            }
            this.running = running;
            this.lock = lock;
            this.watch(lock);
        }
        catch (error) {
            if (this.stopping)
                return;
            const lost = error instanceof StartError ? error : new StartError('The embedded PostgreSQL was lost.', { cause: error });
            process.off('exit', this.endWithProcess);
            this.options.onLost?.(lost);
        }
    }
    async giveUp(lock, running) {
        await stopServer(running.pid);
        await lock.end().catch(() => undefined);
    }
}
/** Two that start at once may both find or start the server; the lock decides which of them goes on. */
async function own(server, dataDir) {
    const deadline = Date.now() + LOCK_PATIENCE_MS;
    for (;;) {
        const running = await ensureServer(server);
        const outcome = await tryLock(running, server.folder.password);
        if (typeof outcome === 'object')
            return { running, lock: outcome };
        if (Date.now() > deadline) {
            const who = outcome === 'gone' ? '' : ` (process ${outcome})`;
            throw new StartError(`Another NYX${who} already runs on the data folder ${dataDir}: stop it first, or set NYX_DATA_DIR to another folder.`);
        }
        await sleep(100);
    }
}
/** The session that holds the lock, or the process id of the NYX that has it, or 'gone' when the server ended meanwhile. */
async function tryLock(running, password) {
    const client = embeddedClient(running.port, password, `nyx:owner:${process.pid}`);
    try {
        await client.connect();
        const locked = await client.query(`SELECT pg_try_advisory_lock(${FOLDER_LOCK}) AS ok`);
        if (locked.rows[0]?.ok)
            return client;
        const holder = await client.query(`SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE l.locktype = 'advisory' AND l.objid = ${FOLDER_LOCK} AND l.granted`);
        await client.end();
        return holder.rows[0]?.name.split(':').at(-1) ?? 'gone';
    }
    catch {
        await client.end().catch(() => undefined);
        return 'gone';
    }
}
//# sourceMappingURL=embedded-postgres.js.map