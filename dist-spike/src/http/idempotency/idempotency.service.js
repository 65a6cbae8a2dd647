var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var IdempotencyService_1;
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../problem.js';
import { IdempotencyStore } from './idempotency.store.js';
const BEAT_EVERY_MS = 5_000;
const LOOK_AGAIN_MS = { first: 25, most: 500 };
const mismatch = () => new Problem('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.');
/** One result for each key: whoever comes first works, everyone else waits for that result, on any replica and after restarts. */
let IdempotencyService = IdempotencyService_1 = class IdempotencyService {
    store;
    logger = new Logger(IdempotencyService_1.name);
    running = new Map();
    constructor(store) {
        this.store = store;
    }
    /**
     * Runs `work` unless its result is known. `signal` ends the waiting for someone else's result, never the work itself.
     * @throws Problem IDEMPOTENCY_MISMATCH; whatever `work` throws, and then the key is free again
     */
    async once(claim, work, signal) {
        for (let pauseMs = LOOK_AGAIN_MS.first;; pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.most)) {
            await this.running.get(placeOf(claim));
            const state = await this.store.claim(claim);
            if (state.kind === 'other_body')
                throw mismatch();
            if (state.kind === 'done')
                return { kind: 'replayed', response: state.response };
            if (state.kind === 'mine')
                return { kind: 'fresh', response: await this.lead(claim, state.claimId, work) };
            await pause(pauseMs, undefined, { signal });
        }
    }
    /**
     * To be called in the transaction that accepts a workflow: one key makes one workflow, also when its first request died half-way.
     * `created` is false when the key had its workflow already; then nothing must be accepted.
     * @throws Problem IDEMPOTENCY_MISMATCH
     */
    async bindWorkflow(tx, { workflowId, ...claim }) {
        const bound = await this.store.bind(tx, claim, workflowId);
        if (bound === undefined)
            throw mismatch();
        return { workflowId: bound, created: bound === workflowId };
    }
    /** Works, and lets the others of this process wait without asking the database. */
    async lead(claim, claimId, work) {
        const response = this.hold(claim, claimId, work);
        const place = placeOf(claim);
        this.running.set(place, response.then(() => undefined, () => undefined));
        try {
            return await response;
        }
        finally {
            this.running.delete(place);
        }
    }
    async hold(claim, claimId, work) {
        const beat = setInterval(() => {
            this.store.beat(claim, claimId).catch((error) => this.logger.warn(error));
        }, BEAT_EVERY_MS);
        try {
            const response = await work();
            await this.store.complete(claim, claimId, response);
            return response;
        }
        catch (error) {
            await this.store.release(claim, claimId).catch((cause) => this.logger.warn(cause));
            throw error;
        }
        finally {
            clearInterval(beat);
        }
    }
};
IdempotencyService = IdempotencyService_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [IdempotencyStore])
], IdempotencyService);
export { IdempotencyService };
const placeOf = ({ principalId, route, key }) => JSON.stringify([principalId, route, key]);
//# sourceMappingURL=idempotency.service.js.map