import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { EmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { freePort } from '../../support/free-port.js';
import { startModelServer, type ModelServer, type RecordedRequest } from '../../support/model-server.js';
import { newDataDir } from '../../support/process.js';
import { until } from '../../support/until.js';
import { lasting } from './lasting.js';
import { heldConnections, orphansOf, tooManySessions } from './leaks.js';
import { Replica } from './replica.js';
import { LEAST_SLOW_MS, REPLICAS } from './strokes.js';

export const API_KEY = 'the-key-of-the-deployment-in-the-storm';
const WORKSPACE_BYTES = 32 * 1024 * 1024;
const PAUSE_MS = 1_000;
const PROBE_SECONDS = 2;
/** So long after a call that failed the circuit may be open: until it probes, and that takes a moment. */
const CIRCUIT_MS = PROBE_SECONDS * 1_000 + 1_000;
/** The last of a process goes a moment after it. */
const LEAVING_MS = 10_000;

/** A time in which PostgreSQL did not answer, or the disk of the workspace was full. */
interface Span {
  readonly fromMs: number;
  toMs: number;
}

/** Everything that a storm passes over: three replicas, their PostgreSQL, their workspace, and the model server. */
export class Sea {
  readonly postgresDown: Span[] = [];
  readonly diskFull: Span[] = [];

  private constructor(
    readonly replicas: readonly Replica[],
    readonly model: ModelServer,
    readonly sql: pg.Pool,
    readonly workspace: string,
    private readonly cluster: string,
    private postgres: EmbeddedPostgres,
  ) {}

  static async open(): Promise<Sea> {
    const cluster = await newDataDir();
    const postgres = await EmbeddedPostgres.start({ dataDir: cluster, usualPort: 0 });
    const model = await startModelServer();
    const sql = new pg.Pool({ connectionString: postgres.url, max: 2, application_name: 'storm' });
    sql.on('error', () => undefined);
    const workspace = await smallDisk();
    const env = {
      DATABASE_URL: postgres.url,
      ANTHROPIC_API_KEY: 'a-key-of-the-test',
      ANTHROPIC_BASE_URL: model.url,
      NYX_ADMIN_PASSWORD: 'the admin of this storm',
      NYX_API_KEY: API_KEY,
      NYX_API_KEY_ROLE: 'admin',
      NYX_WORKSPACE: workspace,
      JWT_SECRET: 'one secret for all replicas of this storm',
      RATE_LIMIT_PER_MINUTE: '0',
      TOOL_RATE_PER_MINUTE: '100000',
      LLM_DAILY_BUDGET_USD: '1000',
      LLM_BREAKER_PROBE_SECONDS: String(PROBE_SECONDS),
      LOG_LEVEL: 'warn',
    };
    const replicas: Replica[] = [];
    for (let index = 0; index < REPLICAS; index += 1) {
      const url = `http://127.0.0.1:${await freePort()}`;
      replicas.push(new Replica(`replica ${index}`, url, env, await newDataDir()));
    }
    const sea = new Sea(replicas, model, sql, workspace, cluster, postgres);
    // The first one migrates.
    for (const replica of replicas) await replica.start();
    return sea;
  }

  get urls(): string[] {
    return this.replicas.filter(({ isUp }) => isUp).map(({ url }) => url);
  }

  /** Whether any moment of the time was one without PostgreSQL. */
  wasPostgresDown(fromMs: number, toMs: number): boolean {
    return overlaps(this.postgresDown, fromMs, toMs);
  }

  wasDiskFull(fromMs: number, toMs: number): boolean {
    return overlaps(this.diskFull, fromMs, toMs);
  }

  /** Whether the model failed a call in the time, or so shortly before that a circuit may still be open for it. */
  wasModelFailing(fromMs: number, toMs: number): boolean {
    const spans = this.failedCalls.map(({ at, endedAt }) => ({
      fromMs: sinceStart(at),
      toMs: endedAt === undefined ? Infinity : sinceStart(endedAt) + CIRCUIT_MS,
    }));
    return overlaps(spans, fromMs, toMs);
  }

  get failedCalls(): RecordedRequest[] {
    return this.model.requests.filter(
      ({ behaviour }) =>
        behaviour?.status !== undefined || behaviour?.cut !== undefined || behaviour?.malformed === true,
    );
  }

  /** Calls that the model answered well, and late. */
  get slowCalls(): RecordedRequest[] {
    return this.model.requests.filter(
      ({ behaviour, outcome }) => outcome === 'finished' && (behaviour?.delayMs ?? 0) >= LEAST_SLOW_MS,
    );
  }

  async restartPostgres(): Promise<void> {
    const span = { fromMs: performance.now(), toMs: Infinity };
    this.postgresDown.push(span);
    const { port } = this.postgres;
    await this.postgres.stop();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    this.postgres = await EmbeddedPostgres.start({ dataDir: this.cluster, usualPort: port });
    if (this.postgres.port !== port)
      throw new Error(`PostgreSQL came back on port ${this.postgres.port}, not ${port}.`);
    span.toMs = performance.now();
  }

  /** It loses its memory, and starts again by what it wrote to its log. */
  async crashPostgres(): Promise<void> {
    const span = { fromMs: performance.now(), toMs: Infinity };
    this.postgresDown.push(span);
    const { pid } = this.postgres;
    process.kill(pid, 'SIGKILL');
    // Sessions outlive their server by a moment, and may answer in it.
    await until('PostgreSQL is there again', async () => this.postgres.pid !== pid && (await this.answers()), 60_000);
    span.toMs = performance.now();
  }

  async fillDisk(): Promise<void> {
    this.diskFull.push({ fromMs: performance.now(), toMs: Infinity });
    await writeFile(this.filler, Buffer.alloc(WORKSPACE_BYTES * 2)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    });
  }

  async clearDisk(): Promise<void> {
    await rm(this.filler, { force: true });
    const last = this.diskFull.at(-1);
    if (last) last.toMs = performance.now();
  }

  /** What replicas that have nothing to do still hold: programs, sessions, connections of their pools. */
  async leaks(): Promise<string[]> {
    return lasting(LEAVING_MS, async () => {
      const held = this.replicas.map(async ({ name, url }) => {
        const response = await fetch(`${url}/metrics`, { headers: { 'x-api-key': API_KEY } });
        return heldConnections(name, await response.text());
      });
      return [
        ...(await orphansOf(this.pids)),
        ...(await tooManySessions(this.sql, this.replicas.length)),
        ...(await Promise.all(held)).flat(),
      ];
    });
  }

  /** Ends everything; the processes in order. @returns what is still there that should not be */
  async close(): Promise<string[]> {
    const left: string[] = [];
    for (const replica of this.replicas) {
      const { code, signal } = await replica.end('SIGTERM');
      if (code !== 0) left.push(`${replica.name} ended with ${code ?? signal ?? '?'}`);
    }
    left.push(...(await lasting(LEAVING_MS, () => orphansOf(this.pids))));
    left.push(...(await lasting(LEAVING_MS, () => this.connections())));
    await this.release();
    return left;
  }

  /** Ends everything, at once. */
  async release(): Promise<void> {
    for (const replica of this.replicas) {
      replica.thaw();
      await replica.destroy();
    }
    await this.sql.end().catch(() => undefined);
    await this.model.close();
    await this.postgres.stop();
    await unmountAll();
  }

  private async connections(): Promise<string[]> {
    const { rows } = await this.sql.query<{ who: string }>(
      `SELECT application_name || ' (' || coalesce(state, '?') || '): ' || left(query, 100) AS who FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name <> 'storm' AND datname = 'nyx' AND pid <> pg_backend_pid()`,
    );
    return rows.map(({ who }) => `a connection of ${who}`);
  }

  private get pids(): number[] {
    return this.replicas.flatMap((replica) => replica.pids);
  }

  private get filler(): string {
    return join(this.workspace, 'filler');
  }

  private answers(): Promise<boolean> {
    return this.sql.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}

/** Of a date of the model server, on the clock of `performance.now()`. */
const sinceStart = (date: string): number => Date.parse(date) - Date.now() + performance.now();

const overlaps = (spans: readonly Span[], fromMs: number, toMs: number): boolean =>
  spans.some((span) => span.fromMs <= toMs && fromMs <= span.toMs);

const mounted: string[] = [];

/** For `afterAll`, also where nothing else was opened. */
export async function unmountAll(): Promise<void> {
  for (const folder of mounted.splice(0)) await promisify(execFile)('umount', ['--lazy', folder]);
}

/** A folder on a disk of its own that is soon full. */
async function smallDisk(): Promise<string> {
  const folder = join(await newDataDir(), 'workspace');
  await mkdir(folder);
  try {
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${WORKSPACE_BYTES}`, 'none', folder]);
  } catch (error) {
    throw new Error('A storm fills a disk of its own: run it as root, who may mount one.', { cause: error });
  }
  mounted.push(folder);
  await chmod(folder, 0o700);
  return folder;
}
