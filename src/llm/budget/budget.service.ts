import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../../config/app-config.js';
import { newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { EventLog } from '../../events/event-log.js';
import {
  AUTONOMOUS_DAY,
  defaultLimitOf,
  fits,
  inLockingOrder,
  isOpenedOnDemand,
  periodOf,
  placeOf,
  remainingUsd,
  warningData,
  type ScopeBalance,
  type ScopeRef,
} from './budget.rules.js';
import { CLOSE, ENTER_NOTHING, LEFT_OPEN, RESERVE, STANDING_WITH_PROMISES } from './budget.sql.js';
import type { BudgetLedgerStatus, BudgetScopeKind } from './budget.values.js';

export interface ReservationRequest {
  readonly interactionId: string;
  readonly scopes: readonly ScopeRef[];
  readonly amountUsd: Decimal;
  readonly executorId: string;
}

/** Why nothing was reserved: the first scope, in locking order, that the amount does not fit into; or `llm_enabled` is false. */
export type Refusal = { readonly refusedBy: ScopeBalance } | { readonly isDisabled: true };

interface ReservedRow {
  kind: BudgetScopeKind;
  key: string;
  is_disabled: boolean;
  found: boolean;
  limit_usd: string | null;
  spent_usd: string;
  reserved_usd: string;
  in_doubt_usd: string;
  fits: boolean;
}

interface CrossedRow {
  reserved_usd: string;
  scope_id: string;
  kind: BudgetScopeKind;
  key: string;
  limit_usd: string;
  used_usd: string;
  workflow_id: string | null;
}

type AmountsRow = Pick<ReservedRow, 'limit_usd' | 'spent_usd' | 'reserved_usd' | 'in_doubt_usd'>;

interface StandingRow extends AmountsRow {
  readonly promised_usd: string;
  readonly is_all_promised: boolean;
}

type ClosedRow = CrossedRow | { reserved_usd: string; scope_id: null };

interface Closing {
  readonly from: readonly BudgetLedgerStatus[];
  readonly to: BudgetLedgerStatus;
  readonly actualUsd?: Decimal;
  readonly releasedBy?: string;
}

/**
 * Balances (`budget_scopes`) and their history (`budget_ledger`). spent + in doubt + reserved of a scope never passes its limit
 * by a reservation, at any concurrency. Every method that moves money wants to be its transaction's last statement,
 * because the system's balances are rows that every call locks.
 */
@Injectable()
export class BudgetService {
  private readonly logger = new Logger(BudgetService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly events: EventLog,
  ) {}

  /** Opens a balance that does not end with a day or month. An existing one keeps its limit. */
  async ensureScope(tx: Sql, scope: ScopeRef, limitUsd: Decimal | undefined): Promise<void> {
    await tx.query(
      `INSERT INTO budget_scopes (id, kind, key, limit_usd) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, key) DO NOTHING`,
      [newId(), scope.kind, scope.key, limitUsd?.toFixed() ?? null],
    );
  }

  /** Takes the amount from every scope, or from none and says why. Rows that are missing, as of a new day, are opened on the way. */
  async reserve(tx: Transaction, request: ReservationRequest): Promise<Refusal | undefined> {
    let rows = await this.tryReserve(tx, request);
    if (rows.some((row) => !row.found && !row.is_disabled)) {
      await this.openMissing(tx, rows);
      rows = await this.tryReserve(tx, request);
    }
    if (rows.some((row) => row.is_disabled)) return { isDisabled: true };
    if (rows.every((row) => row.fits)) return undefined;
    const refusedBy = rows.map(toBalance).find((balance) => !fits(balance, request.amountUsd));
    if (refusedBy === undefined) throw new Error('A reservation was refused by no scope.');
    return { refusedBy };
  }

  /** Books what the call really cost, also when that is more than was reserved or the reservation was given up meanwhile. */
  async settle(tx: Transaction, interactionId: string, actualUsd: Decimal): Promise<void> {
    const from = ['reserved', 'in_doubt', 'released'] as const;
    const reservedUsd = await this.close(tx, interactionId, { from, to: 'settled', actualUsd });
    if (reservedUsd === undefined || actualUsd.lte(reservedUsd)) return;
    const cost = `cost ${actualUsd.toFixed()} USD, more than its bound of ${reservedUsd.toFixed()} USD`;
    this.logger.error(`Interaction ${interactionId} ${cost}.`);
  }

  /** Gives the reservation of a call back that certainly cost nothing. */
  async void(tx: Transaction, interactionId: string): Promise<void> {
    await this.close(tx, interactionId, { from: ['reserved', 'in_doubt'], to: 'voided' });
  }

  /** Keeps counting the reservation of a call whose outcome nobody knows, apart from what is spent. */
  async markInDoubt(tx: Transaction, interactionId: string): Promise<void> {
    await this.close(tx, interactionId, { from: ['reserved'], to: 'in_doubt' });
  }

  /** Gives back what is in doubt, because a person says so. @returns false when it is not in doubt */
  async release(tx: Transaction, interactionId: string, releasedBy: string): Promise<boolean> {
    const amountUsd = await this.close(tx, interactionId, { from: ['in_doubt'], to: 'released', releasedBy });
    return amountUsd !== undefined;
  }

  /**
   * What autonomous work may cost today, and what of it is left, in USD; never below 0. What the given workflows may still spend counts
   * as gone: all of it for one without a limit. Undefined: the day has no limit.
   */
  async autonomousDay(
    sql: Sql,
    running: readonly string[],
  ): Promise<{ readonly limitUsd: Decimal; readonly leftUsd: Decimal } | undefined> {
    const { kind } = AUTONOMOUS_DAY;
    const [row] = await sql.query<StandingRow>(STANDING_WITH_PROMISES, [
      kind,
      periodOf(kind),
      defaultLimitOf(kind, this.config.budget)?.toFixed() ?? null,
      running,
    ]);
    if (row === undefined) throw new Error('The balance of the autonomous day was not answered.');
    const amounts = amountsOf(row);
    const [limitUsd, unusedUsd] = [amounts.limitUsd, remainingUsd(amounts)];
    if (limitUsd === undefined || unusedUsd === undefined) return undefined;
    const leftUsd = row.is_all_promised ? new Decimal(0) : Decimal.max(0, unusedUsd.minus(row.promised_usd));
    return { limitUsd, leftUsd };
  }

  /** Interactions whose reservations an executor took and did not end, oldest first. */
  async openReservations(sql: Sql, executorId: string): Promise<string[]> {
    const rows = await sql.query<{ interaction_id: string }>(
      `SELECT interaction_id FROM budget_ledger WHERE executor_id = $1 AND status = 'reserved' ORDER BY reserved_at`,
      [executorId],
    );
    return rows.map((row) => row.interaction_id);
  }

  /**
   * Interactions whose reservations nobody will end: of executors that do not stand as alive, and of workflows that ended a while ago. At most
   * 1,000.
   */
  async leftReservations(sql: Sql): Promise<string[]> {
    const rows = await sql.query<{ interaction_id: string }>(LEFT_OPEN);
    return rows.map((row) => row.interaction_id);
  }

  /**
   * Whether a call was reserved for. Where its transaction may still be under way, as after a lost connection, its end is waited for: an
   * entry of the same call waits for the other.
   */
  async wasReserved(tx: Transaction, interactionId: string): Promise<boolean> {
    const id = newId();
    const entered = await tx.query(ENTER_NOTHING, [id, interactionId]);
    if (entered.length === 0) return true;
    await tx.query('DELETE FROM budget_ledger WHERE id = $1', [id]);
    return false;
  }

  /** The executor that reserved for a call. */
  async reservedBy(tx: Sql, interactionId: string): Promise<string | undefined> {
    const [entry] = await tx.query<{ executor_id: string }>(
      'SELECT executor_id FROM budget_ledger WHERE interaction_id = $1',
      [interactionId],
    );
    return entry?.executor_id;
  }

  private tryReserve(tx: Sql, { interactionId, scopes, amountUsd, executorId }: ReservationRequest) {
    const ordered = inLockingOrder(scopes);
    return tx.query<ReservedRow>(RESERVE, [
      ordered.map((scope) => scope.kind),
      ordered.map((scope) => scope.key),
      ordered.map((scope) => periodOf(scope.kind)),
      ordered.map((scope) => defaultLimitOf(scope.kind, this.config.budget)?.toFixed() ?? null),
      amountUsd.toFixed(),
      newId(),
      interactionId,
      executorId,
    ]);
  }

  /** One statement, in locking order: whoever opens the same rows at this moment is waited for, never circularly. */
  private async openMissing(tx: Sql, rows: readonly ReservedRow[]): Promise<void> {
    const missing = rows.filter((row) => !row.found);
    const lost = missing.find((row) => !isOpenedOnDemand(row.kind));
    if (lost !== undefined) throw new Error(`The budget scope ${lost.kind} ${lost.key} was never opened.`);
    await tx.query(
      `INSERT INTO budget_scopes (id, kind, key) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
       ON CONFLICT (kind, key) DO NOTHING`,
      [missing.map(() => newId()), missing.map((row) => row.kind), missing.map((row) => row.key)],
    );
  }

  /** @returns what had been reserved; undefined when the entry was in none of the statuses it may leave */
  private async close(tx: Transaction, interactionId: string, closing: Closing): Promise<Decimal | undefined> {
    const rows = await tx.query<ClosedRow>(CLOSE, [
      interactionId,
      closing.from,
      closing.to,
      closing.actualUsd?.toFixed() ?? null,
      closing.releasedBy ?? null,
    ]);
    await this.warn(tx, rows.filter(isCrossed));
    return rows[0] === undefined ? undefined : new Decimal(rows[0].reserved_usd);
  }

  /**
   * Once per scope and limit. Streams are locked before balances, and a settlement without its caller's rows has not locked
   * its stream yet: it takes a free one, and leaves the warning to the next settlement when another transaction holds it.
   */
  private async warn(tx: Transaction, crossed: readonly CrossedRow[]): Promise<void> {
    const [first] = crossed;
    if (first === undefined) return;
    const warnings = crossed.map((row) => warningData(toNearlyExhausted(row)));
    if (first.workflow_id !== null) {
      const events = warnings.map((data) => ({ type: 'budget.warning' as const, data }));
      if (!(await this.events.appendIfFree(tx, first.workflow_id, events))) return;
    }
    tx.send('UPDATE budget_scopes SET warned_at = now() WHERE id = ANY($1::uuid[])', [
      crossed.map((row) => row.scope_id),
    ]);
    for (const { scope, key, used_usd, limit_usd } of warnings) {
      // Not after the commit: it may be the only word of this, and of some commits nobody hears.
      this.logger.warn(`The budget ${[scope, key].join(' ').trim()} has used ${used_usd} of its ${limit_usd} USD.`);
    }
  }
}

const isCrossed = (row: ClosedRow): row is CrossedRow => row.scope_id !== null;

const toNearlyExhausted = ({ kind, key, limit_usd, used_usd }: CrossedRow) => ({
  kind,
  key: placeOf(kind, key).key,
  limitUsd: new Decimal(limit_usd),
  usedUsd: new Decimal(used_usd),
});

const toBalance = (row: ReservedRow): ScopeBalance => {
  const { key, period } = placeOf(row.kind, row.key);
  return { kind: row.kind, key, period, ...amountsOf(row) };
};

const amountsOf = (row: AmountsRow) => ({
  limitUsd: row.limit_usd === null ? undefined : new Decimal(row.limit_usd),
  spentUsd: new Decimal(row.spent_usd),
  reservedUsd: new Decimal(row.reserved_usd),
  inDoubtUsd: new Decimal(row.in_doubt_usd),
});
