var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var Recovery_1;
import { Injectable, Logger } from '@nestjs/common';
import { isConnectionError } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import { DURABLE_SCHEMA, reassignWorkflowsOf } from './dbos.js';
import { DurableEngine } from './durable-engine.js';
import { judgeAttempts } from './recovery.js';
const SWEEP_MS = 2_000;
const SWEEP_LOCK = '7023318571412480001';
/** An executor whose lock is free is dead when its beat is older than this. */
const DEAD_AFTER_SECONDS = 5;
/** An executor that holds its lock but does not beat (a stopped process) is taken over after this. */
const FROZEN_AFTER_SECONDS = 15;
/** Takes over what dead and frozen executors leave. One replica sweeps at a time; a sweep that dies is done again. */
let Recovery = Recovery_1 = class Recovery {
    database;
    engine;
    logger = new Logger(Recovery_1.name);
    lostListeners = [];
    sweepListeners = [];
    timer;
    ended = false;
    constructor(database, engine) {
        this.database = database;
        this.engine = engine;
    }
    onApplicationBootstrap() {
        this.schedule();
    }
    beforeApplicationShutdown() {
        this.ended = true;
        clearTimeout(this.timer);
    }
    /** To be called in constructors: `listener` settles what an executor left outside the durable engine. May run twice. */
    onExecutorLost(listener) {
        this.lostListeners.push(listener);
    }
    /** To be called in constructors: `listener` runs with every sweep, on one replica at a time. */
    onSweep(listener) {
        this.sweepListeners.push(listener);
    }
    /** Which of these durable ids the engine ended abnormally. */
    async abnormalEnds(ids) {
        const rows = await this.database.query(`SELECT workflow_uuid AS id, status FROM ${DURABLE_SCHEMA}.workflow_status
        WHERE workflow_uuid = ANY($1) AND status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'CANCELLED')`, [ids]);
        return rows.map(({ id, status }) => ({
            id,
            kind: status === 'ERROR' ? 'failed' : status === 'CANCELLED' ? 'cancelled' : 'given_up',
        }));
    }
    schedule() {
        this.timer = setTimeout(() => {
            void this.sweep().finally(() => {
                if (!this.ended)
                    this.schedule();
            });
        }, SWEEP_MS);
    }
    async sweep() {
        try {
            await this.database.transaction(async (tx) => {
                const [lock] = await tx.query('SELECT pg_try_advisory_xact_lock($1) AS held', [SWEEP_LOCK]);
                if (lock?.held !== true || !this.engine.isRunning)
                    return;
                for (const executorId of await this.fenceLost(tx))
                    await this.takeOver(executorId);
                for (const listener of this.sweepListeners)
                    await listener();
            });
        }
        catch (error) {
            const message = `A recovery sweep failed and is done again: ${String(error)}`;
            if (isConnectionError(error))
                this.logger.debug(message);
            else
                this.logger.error(message);
        }
    }
    /** Marks the lost executors before anything of theirs is touched, so that a frozen one finds itself fenced when it wakes. */
    async fenceLost(holder) {
        const silent = await this.database.query(`SELECT id, lock_key, last_beat_at < clock_timestamp() - make_interval(secs => $2) AS frozen FROM executors
        WHERE status IN ('live', 'draining') AND last_beat_at < clock_timestamp() - make_interval(secs => $1)`, [DEAD_AFTER_SECONDS, FROZEN_AFTER_SECONDS]);
        for (const { id, lock_key: lockKey, frozen } of silent) {
            const [lock] = await holder.query('SELECT pg_try_advisory_xact_lock($1) AS free', [lockKey]);
            if (lock?.free !== true && !frozen)
                continue;
            await this.database.query(`UPDATE executors SET status = 'fenced' WHERE id = $1 AND status IN ('live', 'draining')
            AND last_beat_at < clock_timestamp() - make_interval(secs => $2)`, [id, DEAD_AFTER_SECONDS]);
        }
        const fenced = await this.database.query(`SELECT id FROM executors WHERE status = 'fenced'`);
        return fenced.map(({ id }) => id);
    }
    async takeOver(executorId) {
        await judgeAttempts(this.database, executorId);
        const count = await reassignWorkflowsOf(executorId);
        for (const listener of this.lostListeners)
            await listener(executorId);
        await this.database.query(`UPDATE executors SET status = 'gone', ended_at = now() WHERE id = $1`, [executorId]);
        this.logger.warn(`Executor ${executorId} is gone; ${count} unfinished durable functions were taken over.`);
        for (const queue of ['workflows', 'branches', 'suspects'])
            this.engine.poll(queue);
    }
};
Recovery = Recovery_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        DurableEngine])
], Recovery);
export { Recovery };
//# sourceMappingURL=recovery.service.js.map