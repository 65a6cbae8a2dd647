import { Logger } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Duty } from '../config/app-config.js';
import { KeptConnection } from '../database/kept-connection.js';
import { ClockWatch } from './clock-watch.js';
import type { ExecutorStatus } from './executor.values.js';
import { SILENT_AFTER_SECONDS } from './liveness.js';

const BEAT_MS = 2_000;
/** Effects start only while the last acknowledged beat is younger than this; others take over after `SILENT_AFTER_SECONDS`. */
const LEASE_MS = 10_000;
/** After an outage of the database everybody beats anew within this time. */
const SETTLING_MS = 5_000;
/** After the database's clock went forward beats are old by it; whoever has none in this time would be taken for frozen by any clock. */
const LEAP_SETTLING_MS = SILENT_AFTER_SECONDS * 1_000;

/** What the clock of the database was when it wrote a beat. */
const CLOCK_OF_BEAT = 'RETURNING extract(epoch FROM last_beat_at)::float8 * 1000 AS "clockMs"';

/** $1 the lock, $2 the name of this executor's sessions: of one that was lost without a word the server may not know for hours. */
const END_HOLDER = `
  SELECT pg_terminate_backend(a.pid)
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid AND a.application_name = $2
   WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.classid::bigint = $1::bigint >> 32 AND l.objid::bigint = $1::bigint & 4294967295 AND l.objsubid = 1`;

/**
 * This process' claim to be alive: a row, a session lock that dies with the process, and a beat by database time.
 * The lock proves death within a beat or two; the beat's age tells a frozen process, which still holds its lock.
 */
export class ExecutorSession {
  readonly id = randomUUID();
  readonly lockKey = lockKeyOf(this.id);
  private readonly logger = new Logger(ExecutorSession.name);
  private readonly connection: KeptConnection;
  /** Of the database, which the beats are judged by. */
  readonly clock = new ClockWatch();
  private lastAcknowledgedMs = -Infinity;
  private reconnectedMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    connectionString: string,
    private readonly self: { readonly version: string; readonly release: string; readonly duties: readonly Duty[] },
    private readonly onFenced: () => void,
  ) {
    const name = `nyx:${this.id}`;
    this.connection = new KeptConnection(
      { connectionString, application_name: name, query_timeout: 4_000 },
      async (client, isReconnect) => {
        const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
          this.lockKey,
        ]);
        if (rows[0]?.locked !== true) {
          await client.query(END_HOLDER, [this.lockKey, name]);
          throw new Error('The lock of this executor is still held by its lost session.');
        }
        if (!isReconnect) return;
        // At once: by the last beat before the loss the others may already take this executor for dead.
        this.reconnectedMs = performance.now();
        await this.beatOn(client);
      },
      (reason) => this.logger.warn(`The liveness connection was lost (${reason}); connecting again.`),
    );
  }

  async begin(): Promise<void> {
    await this.connection.open();
    const askedMs = performance.now();
    try {
      const inserted = await this.connection.current?.query<{ clockMs: number }>(
        `INSERT INTO executors (id, status, lock_key, version, release, roles) VALUES ($1, 'live', $2, $3, $4, $5) ${CLOCK_OF_BEAT}`,
        [this.id, this.lockKey, this.self.version, this.self.release, this.self.duties.join(',')],
      );
      for (const { clockMs } of inserted?.rows ?? [])
        this.clock.see({ clockMs, askedMs, answeredMs: performance.now() });
    } catch (error) {
      await this.end();
      throw error;
    }
    this.lastAcknowledgedMs = performance.now();
    this.scheduleBeat();
  }

  /** Whether effects may start: the others know for sure that this process was alive a moment ago. */
  get hasLease(): boolean {
    return !this.ended && performance.now() - this.lastAcknowledgedMs < LEASE_MS;
  }

  async mark(status: ExecutorStatus): Promise<void> {
    await this.connection.current?.query(`UPDATE executors SET status = $2 WHERE id = $1 AND status <> 'fenced'`, [
      this.id,
      status,
    ]);
  }

  /**
   * Whether the others had time to beat since this process could see the database again, and since its clock went forward: only then may it
   * judge them. While this connection is lost they may have lost theirs with it, also where the pool has others already.
   */
  get canJudgeOthers(): boolean {
    const isConnected = this.connection.current !== undefined;
    const isSettled = performance.now() - this.reconnectedMs > SETTLING_MS && this.clock.sinceLeapMs > LEAP_SETTLING_MS;
    return isConnected && this.hasLease && isSettled;
  }

  /** The orderly end: what is still open under this id is closed by the next sweep of whoever sweeps. */
  async leave(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.connection.current
      ?.query(`UPDATE executors SET status = 'fenced' WHERE id = $1 AND status <> 'gone'`, [this.id])
      .catch((error: unknown) => this.logger.debug(`The end was not recorded: ${String(error)}`));
    await this.connection.close();
  }

  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.connection.close();
  }

  private scheduleBeat(): void {
    this.timer = setTimeout(() => {
      void this.beat().finally(() => {
        if (!this.ended) this.scheduleBeat();
      });
    }, BEAT_MS);
  }

  private async beat(): Promise<void> {
    try {
      const client = this.connection.current;
      if (client !== undefined) await this.beatOn(client);
    } catch (error) {
      this.logger.warn(`A beat was not acknowledged: ${String(error)}`);
      this.connection.abandon();
    }
  }

  private async beatOn(client: pg.Client): Promise<void> {
    const sentMs = performance.now();
    const { rows } = await client.query<{ clockMs: number }>(
      `UPDATE executors SET last_beat_at = clock_timestamp() WHERE id = $1 AND status IN ('live', 'draining') ${CLOCK_OF_BEAT}`,
      [this.id],
    );
    if (this.ended) return;
    const [beat] = rows;
    if (beat === undefined) {
      this.fenced();
      return;
    }
    this.clock.see({ ...beat, askedMs: sentMs, answeredMs: performance.now() });
    this.lastAcknowledgedMs = sentMs;
  }

  private fenced(): void {
    this.ended = true;
    this.logger.error('Another replica took this executor for dead and took over its workflows.');
    this.onFenced();
  }
}

/** A positive 63-bit lock number derived from the executor's id. */
function lockKeyOf(id: string): string {
  return (createHash('sha256').update(id).digest().readBigUInt64BE() >> 1n).toString();
}
