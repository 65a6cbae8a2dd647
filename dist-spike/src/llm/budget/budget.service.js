var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var BudgetService_1;
import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../../config/app-config.js';
import { newId } from '../../database/ids.js';
import { fits, inLockingOrder, periodOf } from './budget.rules.js';
import { CLOSE, RESERVE } from './budget.sql.js';
/**
 * Balances (`budget_scopes`) and their history (`budget_ledger`). spent + in doubt + reserved of a scope never passes its limit
 * by a reservation, at any concurrency. Every method that moves money wants to be its transaction's last statement,
 * because the system's balances are rows that every call locks.
 */
let BudgetService = BudgetService_1 = class BudgetService {
    config;
    logger = new Logger(BudgetService_1.name);
    constructor(config) {
        this.config = config;
    }
    /** Opens a balance that does not end with a day or month. An existing one keeps its limit. */
    async ensureScope(tx, scope, limitUsd) {
        await tx.query(`INSERT INTO budget_scopes (id, kind, key, limit_usd) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, key) DO NOTHING`, [newId(), scope.kind, scope.key, limitUsd?.toFixed() ?? null]);
    }
    /** Takes the amount from every scope, or from none and says which one refused. Rows of a new day or month are opened on the way. */
    async reserve(tx, request) {
        let rows = await this.tryReserve(tx, request);
        if (rows.some((row) => !row.found)) {
            await this.openMissing(tx, rows);
            rows = await this.tryReserve(tx, request);
        }
        if (rows.every((row) => row.fits))
            return undefined;
        const refusedBy = rows.map(toBalance).find((balance) => !fits(balance, request.amountUsd));
        if (refusedBy === undefined)
            throw new Error('A reservation was refused by no scope.');
        return { refusedBy };
    }
    /** Books what the call really cost, also when that is more than was reserved or the reservation was given up meanwhile. */
    async settle(tx, interactionId, actualUsd) {
        const reservedUsd = await this.close(tx, interactionId, ['reserved', 'in_doubt', 'released'], 'settled', actualUsd);
        if (reservedUsd === undefined || actualUsd.lte(reservedUsd))
            return;
        this.logger.error(`Interaction ${interactionId} cost ${actualUsd.toFixed()} USD, more than its bound of ${reservedUsd.toFixed()} USD.`);
    }
    /** Gives the reservation of a call back that certainly cost nothing. */
    async void(tx, interactionId) {
        await this.close(tx, interactionId, ['reserved', 'in_doubt'], 'voided');
    }
    /** Keeps counting the reservation of a call whose outcome nobody knows, apart from what is spent. */
    async markInDoubt(tx, interactionId) {
        await this.close(tx, interactionId, ['reserved'], 'in_doubt');
    }
    /** Interactions whose reservations an executor took and did not end, oldest first. */
    async openReservations(sql, executorId) {
        const rows = await sql.query(`SELECT interaction_id FROM budget_ledger WHERE executor_id = $1 AND status = 'reserved' ORDER BY reserved_at`, [executorId]);
        return rows.map((row) => row.interaction_id);
    }
    tryReserve(tx, { interactionId, scopes, amountUsd, executorId }) {
        const ordered = inLockingOrder(scopes);
        return tx.query(RESERVE, [
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
    async openMissing(tx, rows) {
        const missing = rows.filter((row) => !row.found);
        const lost = missing.find((row) => periodOf(row.kind) === null);
        if (lost !== undefined)
            throw new Error(`The budget scope ${lost.kind} ${lost.key} was never opened.`);
        await tx.query(`INSERT INTO budget_scopes (id, kind, key, limit_usd)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[])
       ON CONFLICT (kind, key) DO NOTHING`, [
            missing.map(() => newId()),
            missing.map((row) => row.kind),
            missing.map((row) => row.key),
            missing.map((row) => row.given_limit),
        ]);
    }
    async close(tx, interactionId, from, to, actualUsd) {
        const rows = await tx.query(CLOSE, [
            interactionId,
            from,
            to,
            actualUsd?.toFixed() ?? null,
        ]);
        return rows[0] === undefined ? undefined : new Decimal(rows[0].reserved_usd);
    }
    /** Limits that the configuration sets for the whole system; others stand in their rows. */
    configuredLimit(kind) {
        if (kind === 'system_day')
            return this.config.budget.dailyUsd;
        if (kind === 'autonomous_day')
            return this.config.budget.autonomousDailyUsd;
        return undefined;
    }
};
BudgetService = BudgetService_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AppConfig])
], BudgetService);
export { BudgetService };
const toBalance = (row) => ({
    kind: row.kind,
    key: row.key,
    limitUsd: row.limit_usd === null ? undefined : new Decimal(row.limit_usd),
    spentUsd: new Decimal(row.spent_usd),
    reservedUsd: new Decimal(row.reserved_usd),
    inDoubtUsd: new Decimal(row.in_doubt_usd),
});
//# sourceMappingURL=budget.service.js.map