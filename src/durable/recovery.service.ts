import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isConnectionError } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import type { Sql } from '../database/sql.js';
import { DURABLE_SCHEMA, reassignWorkflowsOf } from './dbos.js';
import { DurableEngine } from './durable-engine.js';
import { judgeAttempts } from './recovery.js';

const SWEEP_MS = 2_000;
const SWEEP_LOCK = '7023318571412480001';
/** An executor whose lock is free is dead when its beat is older than this. */
const DEAD_AFTER_SECONDS = 5;
/** An executor that holds its lock but does not beat (a stopped process) is taken over after this. */
const FROZEN_AFTER_SECONDS = 15;

/** How the durable engine ended something that did not end itself. */
export interface AbnormalEnd {
  readonly id: string;
  readonly kind: 'given_up' | 'failed' | 'cancelled';
}

/** Takes over what dead and frozen executors leave. One replica sweeps at a time; a sweep that dies is done again. */
@Injectable()
export class Recovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Recovery.name);
  private readonly lostListeners: ((executorId: string) => Promise<void>)[] = [];
  private readonly sweepListeners: (() => Promise<void>)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly database: Database,
    private readonly engine: DurableEngine,
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

  /** Which of these durable ids the engine ended abnormally. */
  async abnormalEnds(ids: readonly string[]): Promise<AbnormalEnd[]> {
    const rows = await this.database.query<{ id: string; status: string }>(
      `SELECT workflow_uuid AS id, status FROM ${DURABLE_SCHEMA}.workflow_status
        WHERE workflow_uuid = ANY($1) AND status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'CANCELLED')`,
      [ids],
    );
    return rows.map(({ id, status }) => ({
      id,
      kind: status === 'ERROR' ? 'failed' : status === 'CANCELLED' ? 'cancelled' : 'given_up',
    }));
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.sweep().finally(() => {
        if (!this.ended) this.schedule();
      });
    }, SWEEP_MS);
  }

  private async sweep(): Promise<void> {
    try {
      await this.database.transaction(async (tx) => {
        const [lock] = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [SWEEP_LOCK]);
        if (lock?.held !== true || !this.engine.isRunning) return;
        for (const executorId of await this.fenceLost(tx)) await this.takeOver(executorId);
        for (const listener of this.sweepListeners) await listener();
      });
    } catch (error) {
      const message = `A recovery sweep failed and is done again: ${String(error)}`;
      if (isConnectionError(error)) this.logger.debug(message);
      else this.logger.error(message);
    }
  }

  /** Marks the lost executors before anything of theirs is touched, so that a frozen one finds itself fenced when it wakes. */
  private async fenceLost(holder: Sql): Promise<string[]> {
    const silent = await this.database.query<{ id: string; lock_key: string; frozen: boolean }>(
      `SELECT id, lock_key, last_beat_at < clock_timestamp() - make_interval(secs => $2) AS frozen FROM executors
        WHERE status IN ('live', 'draining') AND last_beat_at < clock_timestamp() - make_interval(secs => $1)`,
      [DEAD_AFTER_SECONDS, FROZEN_AFTER_SECONDS],
    );
    for (const { id, lock_key: lockKey, frozen } of silent) {
      const [lock] = await holder.query<{ free: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS free', [lockKey]);
      if (lock?.free !== true && !frozen) continue;
      await this.database.query(
        `UPDATE executors SET status = 'fenced' WHERE id = $1 AND status IN ('live', 'draining')
            AND last_beat_at < clock_timestamp() - make_interval(secs => $2)`,
        [id, DEAD_AFTER_SECONDS],
      );
    }
    const fenced = await this.database.query<{ id: string }>(`SELECT id FROM executors WHERE status = 'fenced'`);
    return fenced.map(({ id }) => id);
  }

  private async takeOver(executorId: string): Promise<void> {
    await judgeAttempts(this.database, executorId);
    const count = await reassignWorkflowsOf(executorId);
    for (const listener of this.lostListeners) await listener(executorId);
    await this.database.query(`UPDATE executors SET status = 'gone', ended_at = now() WHERE id = $1`, [executorId]);
    this.logger.warn(`Executor ${executorId} is gone; ${count} unfinished durable functions were taken over.`);
    for (const queue of ['workflows', 'branches', 'suspects'] as const) this.engine.poll(queue);
  }
}
