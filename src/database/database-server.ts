import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { codeOf } from '../config/error-code.js';
import { StartError } from '../config/start-error.js';
import { clockComplaint, clockSkewSeconds, READ_CLOCK } from './clock-skew.js';
import { SESSION_SETTINGS } from './session-settings.js';

const OLDEST_VERSION = 15;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** A server that is just starting is waited for this long. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 250;
const logger = new Logger('Database');

interface Wait {
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}
const AT_ONCE: Wait = { patienceMs: 0 };
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);

/**
 * Proves that NYX can work on the database behind the URL: it is reachable, PostgreSQL 15 or newer, in UTF-8, writable, and gives sessions that last.
 * @param signal ends the wait for a server that is just starting
 * @throws StartError one sentence naming DATABASE_URL, without the password; the reason of `signal`
 */
export async function checkDatabaseServer(
  url: string,
  patienceMs: number = PATIENCE_MS,
  signal?: AbortSignal,
): Promise<void> {
  await withClient(url, { patienceMs, signal }, async (first) => {
    await checkServer(first, url);
    await withClient(url, AT_ONCE, (second) => checkSessions(first, second, url));
  });
  await withClient(url, AT_ONCE, () => Promise.resolve(), SESSION_SETTINGS);
}

/** @throws StartError where the clock of this machine is too far from that of the database to work with */
export async function checkClock(url: string): Promise<void> {
  const read = (client: pg.Client) => clockSkewSeconds(() => client.query<{ now: number }>(READ_CLOCK));
  const complaint = clockComplaint(await withClient(url, AT_ONCE, read));
  if (complaint !== undefined) throw new StartError(complaint);
}

async function withClient<T>(
  url: string,
  wait: Wait,
  work: (client: pg.Client) => Promise<T>,
  settings: pg.ClientConfig = {},
): Promise<T> {
  const client = await connect(url, wait, settings);
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`DATABASE_URL: ${shown(url)} answered, and then failed: ${reasonOf(error)}.`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(url: string, wait: Wait, settings: pg.ClientConfig): Promise<pg.Client> {
  const { patienceMs, signal } = wait;
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    let client: pg.Client | undefined;
    try {
      client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: ANSWER_TIMEOUT_MS,
        ...settings,
      });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    } catch (error) {
      await client?.end().catch(() => undefined);
      signal?.throwIfAborted();
      if (!NOT_YET.has(codeOf(error) ?? '') || Date.now() > deadline) {
        throw new StartError(
          `DATABASE_URL: NYX cannot connect to ${shown(url)}: ${reasonOf(error)}${adviceOn(error)}.`,
          {
            cause: error,
          },
        );
      }
      if (attempt === 1) {
        logger.warn(`${shown(url)} does not answer yet (${reasonOf(error)}); NYX waits up to ${patienceMs / 1_000} s.`);
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

async function checkServer(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string; standby: boolean; encoding: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
            pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding`,
  );
  const row = rows[0];
  if (!row) throw new StartError(`DATABASE_URL: ${shown(url)} does not answer as PostgreSQL does.`);
  if (Number(row.number) < OLDEST_VERSION * 10_000) {
    throw new StartError(
      `DATABASE_URL: ${shown(url)} is PostgreSQL ${row.version}, and NYX needs PostgreSQL ${OLDEST_VERSION} or newer.`,
    );
  }
  // SQL_ASCII, too: it stores what it gets, and cuts characters in the middle.
  if (row.encoding !== 'UTF8') {
    throw new StartError(
      `DATABASE_URL: ${shown(url)} is encoded in ${row.encoding}, and NYX needs UTF8: make it anew with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
  if (row.standby) {
    throw new StartError(
      `DATABASE_URL: ${shown(url)} is a standby that cannot be written: point it at the primary server.`,
    );
  }
}

/**
 * A pooler in transaction mode gives the server connection of an idle client to the next one that asks. So: a second client
 * holds a transaction open, and the first must have kept its own.
 */
async function checkSessions(first: pg.Client, second: pg.Client, url: string): Promise<void> {
  const before = await backendOf(first);
  try {
    await second.query('BEGIN');
  } catch (error) {
    if (!reasonOf(error).includes('statement pooling')) throw error;
    throw new StartError(
      `DATABASE_URL: ${shown(url)} is a connection pooler in statement mode, which has no transactions: use session mode, or PostgreSQL itself.`,
      { cause: error },
    );
  }
  const other = await backendOf(second);
  const after = before === other ? other : await backendOf(first);
  await second.query('ROLLBACK');
  if (before !== after || before === other) {
    throw new StartError(
      `DATABASE_URL: ${shown(url)} is a connection pooler in transaction mode, which breaks locks and LISTEN: use session mode, or PostgreSQL itself.`,
    );
  }
}

async function backendOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

/** Host, port and database of a URL: what may be shown of it. */
function shown(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the database';
  }
}

/** What to do about it, where the reason is not enough. */
const adviceOn = (error: unknown): string =>
  reasonOf(error).startsWith('unsupported startup parameter')
    ? '; let the connection pooler ignore it (ignore_startup_parameters), or use PostgreSQL itself'
    : '';

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
