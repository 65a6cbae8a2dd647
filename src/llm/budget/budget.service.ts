import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../../config/app-config.js';
import { newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { fits, inLockingOrder, periodOf, type ScopeBalance, type ScopeRef } from './budget.rules.js';
import { CLOSE, RESERVE } from './budget.sql.js';
import type { BudgetLedgerStatus, BudgetScopeKind } from './budget.values.js';

export interface ReservationRequest {
  readonly interactionId: string;
  readonly scopes: readonly ScopeRef[];
  readonly amountUsd: Decimal;
  readonly executorId: string;
}

/** The first scope, in locking order, that the amount does not fit into. */
export interface Refusal {
  readonly refusedBy: ScopeBalance;
}

interface ReservedRow {
  kind: BudgetScopeKind;
  key: string;
  given_limit: string | null;
  found: boolean;
  limit_usd: string | null;
  spent_usd: string;
  reserved_usd: string;
  in_doubt_usd: string;
  fits: boolean;
}

/**
 * Balances (`budget_scopes`) and their history (`budget_ledger`). spent + in doubt + reserved of a scope never passes its limit
 * by a reservation, at any concurrency. Every method that moves money wants to be its transaction's last statement,
 * because the system's balances are rows that every call locks.
 */
@Injectable()
export class BudgetService {
  private readonly logger = new Logger(BudgetService.name);

  constructor(private readonly config: AppConfig) {}

  /** Opens a balance that does not end with a day or month. An existing one keeps its limit. */
  async ensureScope(tx: Sql, scope: ScopeRef, limitUsd: Decimal | undefined): Promise<void> {
    await tx.query(
      `INSERT INTO budget_scopes (id, kind, key, limit_usd) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, key) DO NOTHING`,
      [newId(), scope.kind, scope.key, limitUsd?.toFixed() ?? null],
    );
  }

  /** Takes the amount from every scope, or from none and says which one refused. Rows of a new day or month are opened on the way. */
  async reserve(tx: Transaction, request: ReservationRequest): Promise<Refusal | undefined> {
    let rows = await this.tryReserve(tx, request);
    if (rows.some((row) => !row.found)) {
      await this.openMissing(tx, rows);
      rows = await this.tryReserve(tx, request);
    }
    if (rows.every((row) => row.fits)) return undefined;
    const refusedBy = rows.map(toBalance).find((balance) => !fits(balance, request.amountUsd));
    if (refusedBy === undefined) throw new Error('A reservation was refused by no scope.');
    return { refusedBy };
  }

  /** Books what the call really cost, also when that is more than was reserved or the reservation was given up meanwhile. */
  async settle(tx: Sql, interactionId: string, actualUsd: Decimal): Promise<void> {
    const reservedUsd = await this.close(tx, interactionId, ['reserved', 'in_doubt', 'released'], 'settled', actualUsd);
    if (reservedUsd === undefined || actualUsd.lte(reservedUsd)) return;
    this.logger.error(
      `Interaction ${interactionId} cost ${actualUsd.toFixed()} USD, more than its bound of ${reservedUsd.toFixed()} USD.`,
    );
  }

  /** Gives the reservation of a call back that certainly cost nothing. */
  async void(tx: Sql, interactionId: string): Promise<void> {
    await this.close(tx, interactionId, ['reserved', 'in_doubt'], 'voided');
  }

  /** Keeps counting the reservation of a call whose outcome nobody knows, apart from what is spent. */
  async markInDoubt(tx: Sql, interactionId: string): Promise<void> {
    await this.close(tx, interactionId, ['reserved'], 'in_doubt');
  }

  /** Interactions whose reservations an executor took and did not end, oldest first. */
  async openReservations(sql: Sql, executorId: string): Promise<string[]> {
    const rows = await sql.query<{ interaction_id: string }>(
      `SELECT interaction_id FROM budget_ledger WHERE executor_id = $1 AND status = 'reserved' ORDER BY reserved_at`,
      [executorId],
    );
    return rows.map((row) => row.interaction_id);
  }

  private tryReserve(tx: Sql, { interactionId, scopes, amountUsd, executorId }: ReservationRequest) {
    const ordered = inLockingOrder(scopes);
    return tx.query<ReservedRow>(RESERVE, [
      ordered.map((scope) => scope.kind),
      ordered.map((scope) => scope.key),
      ordered.map((scope) => periodOf(scope.kind)),
      ordered.map((scope) => this.configuredLimit(scope.kind)?.toFixed() ?? null),
      amountUsd.toFixed(),
      newId(),
      interactionId,
      executorId,
    ]);
  }

  /** One statement, in locking order: whoever opens the same rows at this moment is waited for, never circularly. */
  private async openMissing(tx: Sql, rows: readonly ReservedRow[]): Promise<void> {
    const missing = rows.filter((row) => !row.found);
    const lost = missing.find((row) => periodOf(row.kind) === null);
    if (lost !== undefined) throw new Error(`The budget scope ${lost.kind} ${lost.key} was never opened.`);
    await tx.query(
      `INSERT INTO budget_scopes (id, kind, key, limit_usd)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[])
       ON CONFLICT (kind, key) DO NOTHING`,
      [
        missing.map(() => newId()),
        missing.map((row) => row.kind),
        missing.map((row) => row.key),
        missing.map((row) => row.given_limit),
      ],
    );
  }

  private async close(
    tx: Sql,
    interactionId: string,
    from: readonly BudgetLedgerStatus[],
    to: BudgetLedgerStatus,
    actualUsd?: Decimal,
  ): Promise<Decimal | undefined> {
    const rows = await tx.query<{ reserved_usd: string }>(CLOSE, [
      interactionId,
      from,
      to,
      actualUsd?.toFixed() ?? null,
    ]);
    return rows[0] === undefined ? undefined : new Decimal(rows[0].reserved_usd);
  }

  /** Limits that the configuration sets for the whole system; others stand in their rows. */
  private configuredLimit(kind: BudgetScopeKind): Decimal | undefined {
    if (kind === 'system_day') return this.config.budget.dailyUsd;
    if (kind === 'autonomous_day') return this.config.budget.autonomousDailyUsd;
    return undefined;
  }
}

const toBalance = (row: ReservedRow): ScopeBalance => ({
  kind: row.kind,
  key: row.key,
  limitUsd: row.limit_usd === null ? undefined : new Decimal(row.limit_usd),
  spentUsd: new Decimal(row.spent_usd),
  reservedUsd: new Decimal(row.reserved_usd),
  inDoubtUsd: new Decimal(row.in_doubt_usd),
});
