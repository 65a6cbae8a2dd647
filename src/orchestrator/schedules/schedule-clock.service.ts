import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { isConnectionError } from '../../database/connection-errors.js';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import { Notifications } from '../../database/notifications.service.js';
import type { Transaction } from '../../database/sql.js';
import { Problem, problemReason } from '../../http/problem.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { StartRecord } from '../workflows/start-record.js';
import { WorkflowAcceptance } from '../workflows/workflow-acceptance.service.js';
import { ClockSteps } from './clock-steps.js';
import { dueAt, nextFire, timetableOf } from './fire-times.rules.js';
import { SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-rows.js';
import { Schedules, SCHEDULES_CHANNEL } from './schedules.service.js';

/** A notification may be lost, and another replica may die while it holds a schedule: a slot is at most this late. */
const LOOK_MS = 15_000;
/** What is due and held by another replica is looked at again after this. */
const LEAST_PAUSE_MS = 250;
const AFTER_ERROR_MS = 1_000;
const ROWS_AT_ONCE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface Fired {
  /** Undefined: nothing was started. */
  readonly workflowId?: string;
}

/**
 * Fires what is due. Every replica with the duty of the engine has one; a slot is fired by the transaction that holds the schedule's row and moves it on to
 * its next slot, under an id made of schedule and slot, so once. All times are the database's.
 */
@Injectable()
export class ScheduleClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ScheduleClock.name);
  private readonly loop = new WakefulLoop(() => this.look());
  private readonly steps = new ClockSteps();
  private mayBeTooLate = true;

  constructor(
    private readonly database: Database,
    private readonly schedules: Schedules,
    private readonly acceptance: WorkflowAcceptance,
    config: AppConfig,
    private readonly record: StartRecord,
    notifications: Notifications,
  ) {
    if (!config.duties.includes('engine')) void this.loop.stop();
    notifications.on(SCHEDULES_CHANNEL, () => this.loop.wake());
    notifications.onReconnect(() => this.loop.wake());
  }

  onApplicationBootstrap(): void {
    this.loop.wake();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** Fires all that is due. @returns milliseconds until there is something to do again */
  private async look(): Promise<number> {
    const failed: string[] = [];
    try {
      while (!this.loop.isStopping && (await this.fireNext(failed)));
      return failed.length > 0 ? AFTER_ERROR_MS : await this.untilNext();
    } catch (error) {
      this.logger.warn(`Schedules could not be looked at: ${String(error)}`);
      return AFTER_ERROR_MS;
    }
  }

  /** @param failed schedules that are left alone until the next look, so that none keeps the others waiting */
  private async fireNext(failed: string[]): Promise<boolean> {
    let held: string | undefined;
    try {
      const fired = await this.database.transaction(async (tx) => {
        const [row] = await tx.query<ScheduleRow>(
          `SELECT ${SCHEDULE_COLUMNS} FROM schedules
            WHERE NOT is_paused AND next_fire_at <= now() AND NOT id = ANY($1::uuid[])
            ORDER BY next_fire_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
          [failed],
        );
        held = row?.id;
        return row && this.fire(tx, row);
      });
      if (fired?.workflowId !== undefined) this.acceptance.begun(fired.workflowId);
      return fired !== undefined;
    } catch (error) {
      if (held === undefined || isConnectionError(error)) throw error;
      this.logger.error(`Schedule ${held} could not be fired: ${String(error)}`);
      failed.push(held);
      return true;
    }
  }

  private async fire(tx: Transaction, row: ScheduleRow): Promise<Fired> {
    const slot = row.next_fire_at;
    const due = dueAt(timetableOf(row.cron, row.timezone), slot, row.now, row.missed_fires);
    await tx.query('UPDATE schedules SET next_fire_at = $2 WHERE id = $1', [row.id, due.next]);
    const workflowId = derivedId(`sched:${row.id}:${slot.toISOString()}`);
    // Only a clock that was set back, or a slot put back by hand, brings a slot twice.
    const known = await tx.query('SELECT 1 FROM workflows WHERE id = $1', [workflowId]);
    if (!due.fires || known.length > 0) return {};
    if (!(await this.start(tx, row, workflowId))) return {};
    await this.record.write(tx, [{ workflowId, by: { kind: 'schedule', id: row.id, ownerId: row.principal_id } }]);
    return { workflowId };
  }

  /** @returns false when the template can no longer be run; the schedule then says why */
  private async start(tx: Transaction, row: ScheduleRow, workflowId: string): Promise<boolean> {
    try {
      await this.schedules.start(tx, row, workflowId);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await tx.query('UPDATE schedules SET last_error = $2, last_error_at = clock_timestamp() WHERE id = $1', [
        row.id,
        problemReason(error),
      ]);
      return false;
    }
  }

  private async untilNext(): Promise<number> {
    const askedMs = performance.now();
    const [row] = await this.database.query<{ ms: number | null; read_ms: number }>(
      `SELECT extract(epoch FROM min(next_fire_at) - clock_timestamp())::float8 * 1000 AS ms,
              extract(epoch FROM clock_timestamp())::float8 * 1000 AS read_ms FROM schedules WHERE NOT is_paused`,
    );
    if (row && this.steps.wasSetBack(row.read_ms, askedMs, performance.now())) this.mayBeTooLate = true;
    if (this.mayBeTooLate) {
      await this.bringForward();
      this.mayBeTooLate = false;
      return LEAST_PAUSE_MS;
    }
    const ms = row?.ms ?? LOOK_MS;
    return ms > 0 ? Math.min(LOOK_MS, Math.ceil(ms)) : LEAST_PAUSE_MS;
  }

  /** Slots that were set by a clock which has been set back since: until then their schedules would be silent. One that was fired is known. */
  private async bringForward(): Promise<void> {
    let last: string | undefined = BEFORE_ALL;
    while (last !== undefined && !this.loop.isStopping) {
      const rows: ScheduleRow[] = await this.database.query<ScheduleRow>(
        `SELECT ${SCHEDULE_COLUMNS} FROM schedules WHERE NOT is_paused AND next_fire_at > now() AND id > $1 ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
        [last],
      );
      for (const { id, cron, timezone, next_fire_at: set, now } of rows) {
        const next = nextFire(timetableOf(cron, timezone), now);
        if (next >= set) continue;
        await this.database.query(
          `UPDATE schedules SET next_fire_at = $2
            WHERE id = $1 AND NOT is_paused AND next_fire_at = $3 AND cron = $4 AND timezone = $5`,
          [id, next, set, cron, timezone],
        );
      }
      last = rows.length === ROWS_AT_ONCE ? rows.at(-1)?.id : undefined;
    }
  }
}
