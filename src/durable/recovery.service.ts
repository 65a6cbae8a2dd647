import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ADVISORY_LOCKS, tryTransactionLock } from '../database/advisory-locks.js';
import { isConnectionError } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import type { Sql, Transaction } from '../database/sql.js';
import { Metrics } from '../telemetry/metrics.js';
import { NowAndThen } from '../waiting/now-and-then.js';
import { DURABLE_VERSION, reassignWorkflowsOf } from './dbos.js';
import { DurableEngine, QUEUES } from './durable-engine.js';
import { isSeen } from './liveness.js';
import { judgeAttempts } from './recovery.js';
import { STRANDED, strandedSentence, type Stranded } from './stranded.js';
import { STATUS } from './workflow-status.sql.js';

const SWEEP_MS = 2_000;
/** While a sweep is at work its transaction says so again and again; a replica that stops in the middle of one holds it no longer than this. */
const MAY_IDLE = `SET LOCAL idle_in_transaction_session_timeout = '10s'`;
const AT_WORK_EVERY_MS = 2_000;
/** Longer than a usual sweep: one that hangs gives its place to the others. */
const AT_WORK_MOST_MS = 60_000;
/** An executor whose lock is free is dead when its beat is older than this; one that holds its lock and is silent is frozen (a stopped process). */
const DEAD_AFTER_SECONDS = 5;
const LOOK_FOR_STRANDED_EVERY_MS = 60_000;

/** How a durable function has ended. */
export type EndKind = 'succeeded' | 'failed' | 'cancelled' | 'given_up';

const KINDS: Readonly<Record<string, EndKind>> = {
  SUCCESS: 'succeeded',
  ERROR: 'failed',
  CANCELLED: 'cancelled',
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: 'given_up',
};

/** Takes over what dead and frozen executors leave. One replica sweeps at a time; a sweep that dies is done again. */
@Injectable()
export class Recovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Recovery.name);
  private readonly lostListeners: ((executorId: string) => Promise<void>)[] = [];
  private readonly sweepListeners: (() => Promise<void>)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  private readonly lookingForStranded = new NowAndThen(LOOK_FOR_STRANDED_EVERY_MS);
  /** What was said last of them. */
  private stranded = '';

  constructor(
    private readonly database: Database,
    private readonly engine: DurableEngine,
    private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  beforeApplicationShutdown(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** To be called in constructors: `listener` settles what an executor left outside the durable engine. May run twice. */
  onExecutorLost(listener: (executorId: string) => Promise<void>): void {
    this.lostListeners.push(listener);
  }

  /** To be called in constructors: `listener` runs with every sweep, on one replica at a time. */
  onSweep(listener: () => Promise<void>): void {
    this.sweepListeners.push(listener);
  }

  /** Those of these functions that have ended. */
  async endedOf(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT workflow_uuid AS id FROM ${STATUS} WHERE workflow_uuid = ANY($1) AND status = ANY($2)`,
      [ids, Object.keys(KINDS)],
    );
    return rows.map(({ id }) => id);
  }

  /** How a function has ended, which nobody changes until `tx` ends. */
  async heldEnd(tx: Transaction, id: string): Promise<EndKind | undefined> {
    const [row] = await tx.query<{ status: string }>(
      `SELECT status FROM ${STATUS} WHERE workflow_uuid = $1 FOR UPDATE`,
      [id],
    );
    return row && KINDS[row.status];
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.sweep().finally(() => {
        if (!this.ended) this.schedule();
      });
    }, SWEEP_MS);
  }

  private async sweep(): Promise<void> {
    if (!this.engine.canSweep) return;
    try {
      await this.fenceLost();
      await this.database.transaction(async (tx) => {
        if (!(await tryTransactionLock(tx, ADVISORY_LOCKS.recoverySweep))) return;
        // The snapshot of a SELECT is kept until the next statement, and would keep all that is changed or deleted meanwhile.
        await tx.query(MAY_IDLE);
        const endsAt = performance.now() + AT_WORK_MOST_MS;
        const timer = setInterval(() => {
          if (performance.now() < endsAt) tx.send(MAY_IDLE);
        }, AT_WORK_EVERY_MS);
        try {
          for (const executorId of await this.lostExecutors())
            await this.part(tx, 'taking over an executor', () => this.takeOver(executorId));
          await this.part(tx, 'looking for other versions', async () => {
            await this.lookingForStranded.whenDue(() => this.tellStranded());
          });
          for (const listener of this.sweepListeners) await this.part(tx, 'a part of the sweep', listener);
        } finally {
          clearInterval(timer);
        }
      });
    } catch (error) {
      this.report('A recovery sweep', error);
    }
  }

  /**
   * One failing part keeps none of the others from being done.
   * @throws when the sweep has lost its place: whoever has it now does the rest
   */
  private async part(tx: Sql, what: string, work: () => Promise<void>): Promise<void> {
    await tx.query(MAY_IDLE);
    await work().catch((error: unknown) => this.report(`In a recovery sweep ${what}`, error));
  }

  private report(what: string, error: unknown): void {
    const message = `${what} failed and is done again: ${String(error)}`;
    if (isConnectionError(error)) this.logger.debug(message);
    else this.logger.error(message);
  }

  /**
   * Marks the lost executors before anything of theirs is touched, so that a frozen one finds itself fenced when it wakes. Every replica does,
   * also while another sweeps: that one may be who is frozen.
   */
  private async fenceLost(): Promise<void> {
    await this.countAheadAnew();
    const { executor } = this.engine;
    const askedMs = performance.now();
    const silent = await this.database.query<{ id: string; lock_key: string; frozen: boolean; clock_ms: number }>(
      `SELECT id, lock_key, NOT ${isSeen()} AS frozen,
              extract(epoch FROM clock_timestamp())::float8 * 1000 AS clock_ms FROM executors
        WHERE status IN ('live', 'draining') AND last_beat_at < clock_timestamp() - make_interval(secs => $1) AND id <> $2`,
      [DEAD_AFTER_SECONDS, executor.id],
    );
    // The last of them was read by the clock that all were judged by, or a later one.
    const clockMs = silent.at(-1)?.clock_ms;
    if (clockMs !== undefined) executor.clock.see({ clockMs, askedMs, answeredMs: performance.now() });
    for (const { id, lock_key: lockKey, frozen } of silent) {
      // The answers may have been long in coming, and the others silent for the same reason; or the clock has just gone forward.
      if (!this.engine.canSweep) return;
      if (frozen || (await this.isFree(lockKey))) {
        await this.database.query(
          `UPDATE executors SET status = 'fenced' WHERE id = $1 AND status IN ('live', 'draining')
              AND last_beat_at < clock_timestamp() - make_interval(secs => $2)`,
          [id, DEAD_AFTER_SECONDS],
        );
      }
    }
  }

  /**
   * A beat from before the database's clock went back tells nothing until that clock is there again: it counts as one of this moment. Who
   * lives beats anew before it is old, and who does not is judged by it as by any other.
   */
  private async countAheadAnew(): Promise<void> {
    await this.database.query(
      `UPDATE executors SET last_beat_at = clock_timestamp()
        WHERE status IN ('live', 'draining') AND last_beat_at > clock_timestamp() + make_interval(secs => $1) AND id <> $2`,
      [DEAD_AFTER_SECONDS, this.engine.executor.id],
    );
  }

  /** Whether nobody holds it now. */
  private isFree(lockKey: string): Promise<boolean> {
    return this.database.transaction((tx) => tryTransactionLock(tx, lockKey));
  }

  /**
   * Those marked, and whoever holds work without standing as alive: a replica that is fenced or stops may claim once more
   * before it knows. Work of another durable version is left to who has it.
   */
  private async lostExecutors(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM executors WHERE status = 'fenced'
       UNION
       SELECT w.executor_id FROM ${STATUS} w
        WHERE w.status = 'PENDING' AND w.executor_id IS NOT NULL AND w.application_version = $1
          AND NOT EXISTS (SELECT FROM executors e WHERE e.id = w.executor_id AND e.status IN ('live', 'draining'))`,
      [DURABLE_VERSION],
    );
    return rows.map(({ id }) => id).filter((id) => id !== this.engine.executor.id);
  }

  /** Nobody takes them over by itself, so somebody has to be told: when it begins, and when it changes. */
  private async tellStranded(): Promise<true> {
    const rows = await this.database.query<Stranded>(STRANDED, [DURABLE_VERSION]);
    const sentence = rows.length === 0 ? '' : strandedSentence(rows);
    if (sentence !== '' && sentence !== this.stranded) this.logger.error(sentence);
    this.stranded = sentence;
    return true;
  }

  private async takeOver(executorId: string): Promise<void> {
    await judgeAttempts(this.database, executorId);
    const count = await reassignWorkflowsOf(executorId);
    for (const listener of this.lostListeners) await listener(executorId);
    await this.database.query(`UPDATE executors SET status = 'gone', ended_at = now() WHERE id = $1`, [executorId]);
    this.metrics.replicas.recovered.inc(count);
    if (count === 0) return;
    this.metrics.replicas.takenOver.inc();
    this.logger.warn(`Executor ${executorId} is gone; ${count} unfinished durable functions were taken over.`);
    for (const queue of QUEUES) void this.engine.poll(queue);
  }
}
