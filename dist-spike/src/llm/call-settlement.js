var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var CallSettlement_1;
import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { isConnectionError, untilConnected } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import { BudgetService } from './budget/budget.service.js';
import { InteractionLog } from './interactions/interaction-log.js';
/** A paid answer is worth waiting for the database this long. */
const PATIENCE_MS = 60_000;
/** The second transaction of an attempt: what came of it. */
let CallSettlement = CallSettlement_1 = class CallSettlement {
    database;
    budget;
    interactions;
    logger = new Logger(CallSettlement_1.name);
    constructor(database, budget, interactions) {
        this.database = database;
        this.budget = budget;
        this.interactions = interactions;
    }
    /**
     * Writes the answer with the caller's rows. When the fence or the caller's rows refuse, the money is booked all the same,
     * without the answer, and the refusal is thrown.
     */
    async settle(plan, answer, providerRequestId) {
        try {
            await this.whenConnected((tx) => this.write(tx, plan, answer, providerRequestId));
        }
        catch (error) {
            if (!isConnectionError(error))
                await this.bookUnwritten(answer, providerRequestId, error);
            throw error;
        }
    }
    /** Ends an attempt that brought nothing: its reservation is given back when it certainly cost nothing, else it stays in doubt. */
    async fail(interactionId, failure, errorCode, latencyMs) {
        const isCharged = failure.charge === 'unknown';
        const ending = {
            status: isCharged ? 'in_doubt' : 'failed',
            errorCode,
            message: failure.message,
            latencyMs,
            costUsd: isCharged ? undefined : new Decimal(0),
            providerRequestId: failure.requestId,
        };
        await this.whenConnected(async (tx) => {
            await this.interactions.end(tx, interactionId, ending);
            await (isCharged ? this.budget.markInDoubt(tx, interactionId) : this.budget.void(tx, interactionId));
        });
    }
    async write(tx, { call }, answer, providerRequestId) {
        await call.fence?.(tx);
        const isFirstTime = await this.interactions.succeed(tx, answer, providerRequestId);
        if (!isFirstTime)
            return;
        await call.commit?.(tx, answer);
        await this.budget.settle(tx, answer.interactionId, answer.costUsd);
    }
    async bookUnwritten(answer, providerRequestId, reason) {
        this.logger.warn(`The answer of ${answer.interactionId} is paid but could not be written: ${String(reason)}`);
        const ending = {
            status: 'failed',
            errorCode: 'NOT_WRITTEN',
            message: 'The answer came, but the process may no longer write for its workflow, or its rows could not be written.',
            latencyMs: answer.latencyMs,
            costUsd: answer.costUsd,
            providerRequestId,
        };
        await this.whenConnected(async (tx) => {
            await this.interactions.end(tx, answer.interactionId, ending);
            await this.budget.settle(tx, answer.interactionId, answer.costUsd);
        });
    }
    /** Repeats the transaction while the database is away. All of them are conditional on the row still being open. */
    whenConnected(work) {
        return untilConnected(() => this.database.transaction(work), AbortSignal.timeout(PATIENCE_MS));
    }
};
CallSettlement = CallSettlement_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        BudgetService,
        InteractionLog])
], CallSettlement);
export { CallSettlement };
//# sourceMappingURL=call-settlement.js.map