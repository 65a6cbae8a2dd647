import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartError } from '../config/start-error.js';
import { openClusterFolder, readCluster, SUPERUSER } from './embedded/cluster-folder.js';
import { findPostgresBinaries } from './embedded/postgres-binaries.js';
import {
  embeddedClient,
  ensureServer,
  findServer,
  signalServer,
  stopServer,
  type RunningServer,
  type ServerOptions,
} from './embedded/postgres-server.js';

const USUAL_PORT = 54329;
const DATABASE = 'nyx';
/** Of the session that owns the folder; a number like any other. */
const FOLDER_LOCK = 5_207_001;
/** The session of a NYX that was killed ends a moment after it. */
const LOCK_PATIENCE_MS = 2_000;
/** A machine that has much to do answers late; a server that ended meanwhile is started again. */
const SILENCE_PATIENCE_MS = 30_000;
const REVIVE_PAUSE_MS = 250;

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly usualPort?: number;
  /** More settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called once when the folder was lost to another NYX, or the server ended and cannot be started again. */
  readonly onLost?: (error: StartError) => void;
}

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  log_line_prefix: '%m [%p] %b ',
};

/**
 * A real PostgreSQL in the data folder, on loopback. One NYX owns a folder: the owner holds an advisory lock in a session of its own,
 * which ends with the process however it dies. A server that outlived its NYX is adopted. One that ends while NYX runs is started again on
 * the same port.
 */
export class EmbeddedPostgres {
  private stopping = false;

  private constructor(
    private readonly server: ServerOptions,
    private readonly options: EmbeddedOptions,
    private running: RunningServer,
    private lock: pg.Client,
  ) {
    this.watch(lock);
    process.once('exit', this.endWithProcess);
  }

  /** @throws StartError one sentence: the folder cannot be written, another NYX owns it, or the server does not start. */
  static async start(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
    const binaries = await findPostgresBinaries();
    const settings = { ...SETTINGS, ...options.settings };
    const folder = await openClusterFolder(options.dataDir, binaries, { sync: settings.fsync !== 'off' });
    const server: ServerOptions = { binaries, folder, settings, preferredPort: options.usualPort ?? USUAL_PORT };
    const { running, lock } = await own(server, options.dataDir);
    const { rows } = await lock.query(`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
    if (rows.length === 0) await lock.query(`CREATE DATABASE ${DATABASE}`);
    return new EmbeddedPostgres(server, options, running, lock);
  }

  /** The URL of the server that runs on the folder, whoever started it; or `stopped`, or `none`: there is no cluster. Changes nothing. */
  static async runningOn(dataDir: string): Promise<string> {
    const folder = await readCluster(dataDir);
    if (folder === undefined) return 'none';
    const server = await findServer(folder);
    return server === undefined ? 'stopped' : databaseUrl(folder.password, server.port, DATABASE);
  }

  /** Holds the password: never to be logged. */
  get url(): string {
    return this.urlOf(DATABASE);
  }

  get pid(): number {
    return this.running.pid;
  }

  get port(): number {
    return this.running.port;
  }

  get adopted(): boolean {
    return this.running.adopted;
  }

  urlOf(database: string): string {
    return databaseUrl(this.server.folder.password, this.running.port, database);
  }

  /** Ends the server; when it resolves no process of it is left. The folder is free only then. */
  async stop(): Promise<void> {
    this.stopping = true;
    await stopServer(this.running.pid);
    process.off('exit', this.endWithProcess);
    await this.lock.end().catch(() => undefined);
  }

  private readonly endWithProcess = (): void => signalServer(this.running.pid, 'SIGINT');

  private watch(lock: pg.Client): void {
    lock.once('end', () => {
      if (!this.stopping) void this.revive();
    });
  }

  private async revive(): Promise<void> {
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
        throw new StartError(
          'The embedded PostgreSQL ended and its port was taken before it could start again: start NYX again.',
        );
      }
      this.running = running;
      this.lock = lock;
      this.watch(lock);
    } catch (error) {
      if (this.stopping) return;
      const lost =
        error instanceof StartError ? error : new StartError('The embedded PostgreSQL was lost.', { cause: error });
      process.off('exit', this.endWithProcess);
      this.options.onLost?.(lost);
    }
  }

  private async giveUp(lock: pg.Client, running: RunningServer): Promise<void> {
    await stopServer(running.pid);
    await lock.end().catch(() => undefined);
  }
}

const databaseUrl = (password: string, port: number, database: string): string =>
  `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

/** Two that start at once may both find or start the server; the lock decides which of them goes on. */
async function own(server: ServerOptions, dataDir: string): Promise<{ running: RunningServer; lock: pg.Client }> {
  const since: { taken?: number; silent?: number } = {};
  let startedPid: number | undefined;
  const isOver = (name: keyof typeof since, patienceMs: number): boolean =>
    Date.now() - (since[name] ??= Date.now()) > patienceMs;
  for (;;) {
    const found = await ensureServer(server);
    if (!found.adopted) startedPid = found.pid;
    // What was started here is found, not started, the next time round.
    const running = { ...found, adopted: found.pid !== startedPid };
    const outcome = await tryLock(running, server.folder.password);
    if ('lock' in outcome) return { running, lock: outcome.lock };
    if ('holder' in outcome && isOver('taken', LOCK_PATIENCE_MS)) {
      throw new StartError(
        `Another NYX (process ${outcome.holder}) already runs on the data folder ${dataDir}: stop it first, or set NYX_DATA_DIR to another folder.`,
      );
    }
    if ('error' in outcome && isOver('silent', SILENCE_PATIENCE_MS)) {
      if (!running.adopted) await stopServer(running.pid);
      const why = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
      throw new StartError(
        `The embedded PostgreSQL on 127.0.0.1:${running.port} runs, but NYX cannot use it (${why}): see ${server.folder.logFile}.`,
        { cause: outcome.error },
      );
    }
    await sleep(100);
  }
}

/** The session that holds the lock, or the process id of the NYX that has it. */
type Locking = { lock: pg.Client } | { holder: string } | { error: unknown };

async function tryLock(running: RunningServer, password: string): Promise<Locking> {
  const client = embeddedClient(running.port, password, `nyx:owner:${process.pid}`);
  try {
    await client.connect();
    const locked = await client.query<{ ok: boolean }>(`SELECT pg_try_advisory_lock(${FOLDER_LOCK}) AS ok`);
    if (locked.rows[0]?.ok) return { lock: client };
    const holder = await client.query<{ name: string }>(
      `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE l.locktype = 'advisory' AND l.objid = ${FOLDER_LOCK} AND l.granted`,
    );
    await client.end();
    const name = holder.rows[0]?.name.split(':').at(-1);
    return name === undefined ? { error: 'its owner has just gone' } : { holder: name };
  } catch (error) {
    await client.end().catch(() => undefined);
    return { error };
  }
}
