import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { Recovery } from '../../durable/recovery.service.js';
import { placeAfterOldest, type Cursor } from '../../http/cursor.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { NowAndThen } from '../../waiting/now-and-then.js';
import { inBatches } from '../../waiting/batches.js';
import { Archive } from './archive.js';
import { AuditRetention } from './audit-retention.js';
import { ERASE_LEDGER, LOOSE, oldLoose, sourcesOf } from './archived-tables.js';
import { PrincipalErasure } from './principal-erasure.service.js';
import { together, WorkflowErasure } from './workflow-erasure.service.js';

const EVERY_MS = 10 * 60_000;
const BATCH = 50;
/** Each has a file, which is on the disk before they go. */
const ARCHIVED_AT_ONCE = 5;
const ROWS_AT_ONCE = 200;
/** Bounds how long a sweep is kept from what else it has to do. */
const RUN_MS = 1_000;

/** By the index of the list; those that run for years are few. What continues one may still look into it. $1 days, $2 and $3 the last one before, $4 how many. */
const TOO_OLD = together(`SELECT id, created_at FROM workflows w
  WHERE created_at < now() - make_interval(days => $1) AND completed_at < now() - make_interval(days => $1)
    AND (created_at, id) > ($2::timestamptz, $3::uuid)
    AND NOT EXISTS (SELECT FROM workflows c WHERE c.parent_workflow_id = w.id AND c.completed_at IS NULL)
  ORDER BY created_at, id LIMIT $4::int`);

const SESSIONS_AT_ONCE = 1_000;
/** Of those who did not sign in again; who does loses them then. */
const EXPIRED_SESSIONS = `DELETE FROM sessions
  WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT ${SESSIONS_AT_ONCE} FOR UPDATE SKIP LOCKED)
  RETURNING id`;

/**
 * Erases what was asked to be erased, and what is too old: on one replica, some workflows or rows a transaction, oldest first. What is too old is
 * archived before, where there is an archive.
 */
@Injectable()
export class Retention {
  private readonly logger = new Logger(Retention.name);
  /** How far the present pass over what is old has come, and how many could not go. */
  private last = placeAfterOldest(undefined);
  private left = 0;

  constructor(
    private readonly database: Database,
    private readonly settings: RuntimeSettings,
    private readonly config: AppConfig,
    private readonly erasure: WorkflowErasure,
    principals: PrincipalErasure,
    private readonly archive: Archive,
    audit: AuditRetention,
    recovery: Recovery,
  ) {
    recovery.onSweep(async () => {
      const endsAt = performance.now() + RUN_MS;
      while (performance.now() < endsAt && (await principals.work(endsAt)));
    });
    const parts = [
      (endsAt: number) => this.eraseOld(endsAt),
      ...LOOSE.map((kind) => (endsAt: number) => this.eraseLoose(kind, endsAt)),
      (endsAt: number) => audit.cutOld(endsAt),
      () => this.removeExpiredSessions(),
    ];
    // Each by itself: what one has to do, or fails at, keeps no other waiting.
    for (const part of parts) {
      const nowAndThen = new NowAndThen(EVERY_MS);
      recovery.onSweep(async () => {
        await nowAndThen.whenDue(() => part(performance.now() + RUN_MS));
      });
    }
  }

  /** @returns whether none is left */
  async removeExpiredSessions(): Promise<boolean> {
    const removed = await this.database.query(EXPIRED_SESSIONS);
    return removed.length < SESSIONS_AT_ONCE;
  }

  /** Begins no further batch after `endsAt`; who comes again goes on behind it. @returns whether it came to the end */
  async eraseOld(endsAt: number): Promise<boolean> {
    const days = this.settings.maxThoughtTreeAgeDays;
    if (days === 0) return true;
    const batch = this.config.retention.archiveDir === undefined ? BATCH : ARCHIVED_AT_ONCE;
    while (performance.now() < endsAt) {
      const old = await this.database.query<Cursor>(TOO_OLD, [days, this.last.at, this.last.id, batch]);
      const last = old.at(-1);
      if (last === undefined) {
        if (this.left > 0)
          this.logger.warn(`${this.left} old workflows cannot go yet: something of them is not settled.`);
        [this.last, this.left] = [placeAfterOldest(undefined), 0];
        return true;
      }
      this.left += await this.erasure.eraseThese(
        old.map(({ id }) => id),
        endsAt,
        (tx, going) => this.archiveThese(tx, going),
      );
      this.last = last;
    }
    return false;
  }

  private async archiveThese(tx: Transaction, going: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const [id, functions] of going) await this.archive.write(tx, id, sourcesOf(id, functions));
    await tx.query(ERASE_LEDGER, [[...going.keys()]]);
  }

  /** Erases what of one kind belongs to no workflow, at its own age. Begins no batch after `endsAt`. @returns whether none is left */
  async eraseLoose(kind: (typeof LOOSE)[number], endsAt: number): Promise<boolean> {
    const workflows = this.settings.maxThoughtTreeAgeDays;
    const days = { workflows, calls: this.config.retention.callsDays ?? workflows }[kind.keptAs];
    return days === 0 || inBatches(endsAt, async () => (await this.eraseRows(kind, days)) < ROWS_AT_ONCE);
  }

  private async eraseRows(kind: (typeof LOOSE)[number], days: number): Promise<number> {
    const { table, along } = kind;
    return this.database.transaction(async (tx) => {
      const rows = await tx.query<{ id: string }>(oldLoose(kind, ROWS_AT_ONCE), [days]);
      const ids = rows.map(({ id }) => id);
      const [first] = ids;
      if (first === undefined) return 0;
      const rowsToGo = [{ table, column: 'id' }, ...along];
      await this.archive.write(
        tx,
        `${table}-${first}`,
        rowsToGo.map((of) => ({ table: of.table, which: `WHERE t.${of.column} = ANY($1)`, values: [ids] })),
      );
      for (const of of rowsToGo) await tx.query(`DELETE FROM ${of.table} WHERE ${of.column} = ANY($1)`, [ids]);
      return ids.length;
    });
  }
}
