import { once } from 'node:events';
import { open, readFile, realpath, rm, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../../config/start-error.js';
import { asStartError, lastComplaint, SUPERUSER, type ClusterFolder } from './cluster-folder.js';
import { spawnPostgres, type PostgresBinaries } from './postgres-binaries.js';
import { exists, isAlive, isPostgresOn, postmasterFile, readPostmaster, type Postmaster } from './postmaster-pid.js';

const START_TIMEOUT_MS = 60_000;
/** Of a server that accepts a connection and then says nothing. To make a database takes longest. */
const QUERY_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const LOG_LIMIT_BYTES = 5 * 1024 * 1024;
const FAST_STOP_TIMEOUT_MS = 20_000;
const HARD_STOP_TIMEOUT_MS = 5_000;

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** It ran already: a NYX before was killed and could not stop it. */
  readonly adopted: boolean;
}

export interface ServerOptions {
  readonly binaries: PostgresBinaries;
  readonly folder: ClusterFolder;
  readonly settings: Readonly<Record<string, string>>;
  /** Used when it is free; otherwise the system picks one. */
  readonly preferredPort: number;
}

/** A client of the embedded server; it says what failed by rejecting, never by an unhandled event. */
export function embeddedClient(port: number, password: string, applicationName: string): pg.Client {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  return client;
}

/** Finds the server that runs on the folder, or starts one, and returns when it answers. */
export async function ensureServer(options: ServerOptions): Promise<RunningServer> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let preferredPort = options.preferredPort;
  for (;;) {
    if (Date.now() > deadline) {
      throw new StartError(
        `The embedded PostgreSQL did not answer within 60 seconds; ${options.folder.logFile} says why.`,
      );
    }
    const found = await existingServer(options.folder);
    if (found === 'busy') {
      await sleep(POLL_MS);
      continue;
    }
    if (found) return { pid: found.pid, port: found.port, adopted: true };
    const outcome = await startServer(options, await freePort(preferredPort), deadline);
    if (typeof outcome === 'object') return { ...outcome, adopted: false };
    if (outcome === 'port taken') preferredPort = 0;
  }
}

/** The server that runs on the folder and answers; it is waited for while it starts. */
export async function findServer(folder: ClusterFolder): Promise<Postmaster | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const found = await existingServer(folder);
    if (found !== 'busy') return found;
    if (Date.now() > deadline)
      throw new StartError(`The embedded PostgreSQL does not answer; ${folder.logFile} says why.`);
    await sleep(POLL_MS);
  }
}

/** 'busy': there is one that does not answer yet, or no more. */
async function existingServer(folder: ClusterFolder): Promise<Postmaster | 'busy' | undefined> {
  const postmaster = await readPostmaster(folder.data);
  // Of one whose process is gone PostgreSQL judges better: it also looks for orphans of it.
  if (!postmaster || !exists(postmaster.pid)) return undefined;
  if (!(await isPostgresOn(postmaster.pid, folder.data))) {
    await rm(postmasterFile(folder.data), { force: true });
    return undefined;
  }
  return postmaster.ready && (await answers(postmaster.port, folder)) ? postmaster : 'busy';
}

async function answers(port: number, folder: ClusterFolder): Promise<boolean> {
  const client = embeddedClient(port, folder.password, 'nyx:start');
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
    return rows[0]?.folder === (await realpath(folder.data));
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

type Failure = 'port taken' | 'already there';

async function startServer(options: ServerOptions, port: number, deadline: number): Promise<Postmaster | Failure> {
  const { folder } = options;
  const log = await openLog(folder);
  try {
    const before = (await log.stat()).size;
    const child = await spawnPostgres(options.binaries, {
      folder: folder.data,
      settings: { ...options.settings, port: String(port) },
      logHandle: log.fd,
    });
    child.once('error', () => undefined);
    while (child.exitCode === null && child.signalCode === null && child.pid !== undefined && Date.now() < deadline) {
      const postmaster = await readPostmaster(folder.data);
      if (postmaster?.ready && postmaster.pid === child.pid) return postmaster;
      await sleep(POLL_MS);
    }
    child.kill('SIGQUIT');
    return await failureOf(folder, (await readFile(folder.logFile)).subarray(before).toString());
  } finally {
    await log.close();
  }
}

async function openLog(folder: ClusterFolder): Promise<FileHandle> {
  try {
    const log = await open(folder.logFile, 'a', 0o600);
    if ((await log.stat()).size > LOG_LIMIT_BYTES) await log.truncate();
    return log;
  } catch (error) {
    throw asStartError(folder.data, error);
  }
}

async function failureOf(folder: ClusterFolder, output: string): Promise<Failure> {
  if (output.includes('could not create any TCP/IP sockets')) return 'port taken';
  if (/lock file .* already exists/.test(output)) return 'already there';
  if (output.includes('pre-existing shared memory block')) {
    // Sessions of a server that was killed end a moment after it.
    await sleep(500);
    return 'already there';
  }
  if (/lock file .* is empty/.test(output)) {
    // Left by a power failure, or another server writes it at this moment.
    await sleep(500);
    if (!(await readPostmaster(folder.data))) await rm(postmasterFile(folder.data), { force: true });
    return 'already there';
  }
  const why = lastComplaint(output) ?? 'it ended without a word';
  throw new StartError(`The embedded PostgreSQL did not start: ${why}; ${folder.logFile} says more.`);
}

/** The port itself when nothing listens on it on loopback, else one the system picks. */
async function freePort(preferred: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(preferred, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : preferred;
  } catch (error) {
    if (preferred === 0) throw error;
    return await freePort(0);
  } finally {
    server.close();
  }
}

/** Ends the server: open transactions are rolled back. Returns when the process is gone. */
export async function stopServer(pid: number): Promise<void> {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGINT', FAST_STOP_TIMEOUT_MS],
    ['SIGQUIT', HARD_STOP_TIMEOUT_MS],
    ['SIGKILL', HARD_STOP_TIMEOUT_MS],
  ];
  for (const [signal, timeoutMs] of steps) {
    signalServer(pid, signal);
    const deadline = Date.now() + timeoutMs;
    while (isAlive(pid) && Date.now() < deadline) await sleep(POLL_MS);
    if (!isAlive(pid)) return;
  }
}

/** Does not throw when the process is gone. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
