var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var Durable_1;
import { Injectable, Logger } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Notifications } from '../database/notifications.service.js';
import { isConnectionError, untilConnected } from '../database/connection-errors.js';
import { ClientSql } from '../database/sql.js';
import { Problem } from '../http/problem.js';
import { currentClaim, DBOS, DURABLE_SCHEMA, lostClaim, transactionalStep } from './dbos.js';
import { DurableEngine } from './durable-engine.js';
const CANCEL_CHANNEL = 'nyx_cancel';
/** How often a parent looks whether a child ended. */
const WAIT_POLL_MS = 50;
const DRAIN_SECONDS = 20;
/** Why an effect was aborted that somebody else will run again: its failure must not be stored as the step's result. */
const HANDED_OVER = Symbol('handed over');
/**
 * Durable functions and their steps. A function is replayed after a crash: its finished steps give back their stored
 * results, so between steps there must be no clock, no random and no reads.
 */
let Durable = Durable_1 = class Durable {
    engine;
    notifications;
    logger = new Logger(Durable_1.name);
    runs = new AsyncLocalStorage();
    running = new Map();
    functions = new Map();
    stepsInFlight = 0;
    draining = false;
    constructor(engine, notifications) {
        this.engine = engine;
        this.notifications = notifications;
        notifications.on(CANCEL_CHANNEL, (workflowId) => this.abortLocally(workflowId));
        engine.onFenced(() => this.abortHandedOver());
    }
    /** To be called in constructors. Throws when two functions share a name. */
    register(name, fn) {
        if (this.functions.has(name))
            throw new Error(`Two durable functions are named ${name}.`);
        const registered = this.engine.register(name, (input) => this.run(input, fn));
        this.functions.set(name, registered);
    }
    async onApplicationBootstrap() {
        await this.engine.launch();
    }
    /** Closes the gate, lets the steps in flight end (up to 20 s) and hands the unfinished workflows over. */
    async beforeApplicationShutdown() {
        this.draining = true;
        const deadlineMs = performance.now() + DRAIN_SECONDS * 1000;
        await this.engine.beginDrain();
        while (this.stepsInFlight > 0 && performance.now() < deadlineMs)
            await sleep(10);
        if (this.stepsInFlight > 0)
            this.logger.warn(`${this.stepsInFlight} steps did not end within ${DRAIN_SECONDS} s.`);
        this.abortHandedOver();
        await this.engine.handOver();
    }
    /** Enqueues a durable function in the caller's transaction: it runs if and only if that commits. Call `kick` then. */
    async accept(tx, options) {
        await this.engine.enqueue(tx, options);
    }
    /** Looks for accepted functions now instead of at the next poll. */
    kick() {
        this.engine.poll('workflows');
    }
    /** An effect on the outside world: runs at least once, its result is stored once. A `Problem` it throws is stored too. */
    async step(name, effect) {
        const run = this.currentRun();
        const { durableId, ownerToken } = currentClaim();
        this.gate();
        const outcome = await this.inFlight(() => DBOS.runStep(async () => {
            const stepKey = `${durableId}/${DBOS.stepID ?? 0}`;
            const fence = (tx) => assertOwner(tx, durableId, ownerToken);
            return untilConnected(() => this.runEffect(effect, { stepKey, signal: run.abort.signal, fence }), run.abort.signal);
        }, { name }));
        if ('value' in outcome)
            return outcome.value;
        throw new Problem(outcome.problem.code, outcome.problem.detail, { extensions: outcome.problem.extensions });
    }
    /** Rows that commit together with the step's checkpoint: written exactly once. No effect and no wait inside. */
    async commit(name, work) {
        this.gate();
        const { durableId, ownerToken } = currentClaim();
        return this.inFlight(() => transactionalStep(name, async (client) => {
            const tx = new ClientSql(client);
            await assertOwner(tx, durableId, ownerToken);
            return work(tx);
        }));
    }
    /** Starts a child that any replica may run. Children of one sweep are started in a fixed order, then kicked once. */
    async startChildren(name, children) {
        const fn = this.functions.get(name);
        if (fn === undefined)
            throw new Error(`No durable function is named ${name}.`);
        this.gate();
        await this.inFlight(async () => {
            for (const { id, input } of children) {
                await DBOS.startWorkflow(fn, { workflowID: id, queueName: this.engine.queueName('branches') })(input);
            }
        });
        this.engine.poll('branches');
    }
    /** Waits until one of these functions ended, in whatever way, and says which; the answer is recorded. */
    async waitFirst(ids) {
        const handles = ids.map((id) => DBOS.retrieveWorkflow(id));
        const first = await DBOS.waitFirst(handles, { pollingIntervalMs: WAIT_POLL_MS });
        this.gate();
        return first.workflowID;
    }
    /**
     * Takes a workflow's durable functions from whoever runs them: from the commit of `tx` on none of their steps can write.
     * Do this first in the transaction (steps lock in the same order) and call `abortCancelled` after it.
     */
    async cancel(tx, workflowId) {
        await tx.query(`WITH RECURSIVE family AS (
         SELECT workflow_uuid FROM ${DURABLE_SCHEMA}.workflow_status WHERE workflow_uuid = $1
         UNION SELECT child.workflow_uuid FROM ${DURABLE_SCHEMA}.workflow_status child
                 JOIN family ON child.parent_workflow_id = family.workflow_uuid
       )
       UPDATE ${DURABLE_SCHEMA}.workflow_status
          SET status = 'CANCELLED', owner_xid = NULL, queue_name = NULL, deduplication_id = NULL, started_at_epoch_ms = NULL,
              updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint, completed_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
        WHERE workflow_uuid IN (SELECT workflow_uuid FROM family) AND status NOT IN ('SUCCESS', 'ERROR')`, [workflowId]);
    }
    /** Reaches children that were started while `cancel` committed, and aborts effects in flight on every replica. */
    async abortCancelled(workflowId) {
        await DBOS.cancelWorkflow(workflowId, { cancelChildren: true });
        this.notifications.notify(CANCEL_CHANNEL, workflowId);
    }
    async run(input, fn) {
        const abort = new AbortController();
        const siblings = this.running.get(input.workflowId) ?? new Set();
        this.running.set(input.workflowId, siblings.add(abort));
        try {
            await this.runs.run({ workflowId: input.workflowId, abort }, () => fn(input));
        }
        finally {
            siblings.delete(abort);
            if (siblings.size === 0)
                this.running.delete(input.workflowId);
        }
    }
    async runEffect(effect, context) {
        try {
            await this.engine.awaitLease();
            return { value: await effect(context) };
        }
        catch (error) {
            if (context.signal.reason === HANDED_OVER)
                throw lostClaim(currentClaim().durableId);
            if (!(error instanceof Problem) || isConnectionError(error.cause))
                throw error;
            return { problem: { code: error.code, detail: error.detail, extensions: error.options.extensions ?? {} } };
        }
    }
    /** While this process drains no step begins: the run stops here and another process carries on from its checkpoints. */
    gate() {
        if (this.draining)
            throw lostClaim(currentClaim().durableId);
    }
    async inFlight(work) {
        this.stepsInFlight += 1;
        try {
            return await work();
        }
        finally {
            this.stepsInFlight -= 1;
        }
    }
    currentRun() {
        const run = this.runs.getStore();
        if (run === undefined)
            throw new Error('Not inside a durable function.');
        return run;
    }
    abortLocally(workflowId) {
        for (const abort of this.running.get(workflowId) ?? [])
            abort.abort();
    }
    abortHandedOver() {
        for (const aborts of this.running.values())
            for (const abort of aborts)
                abort.abort(HANDED_OVER);
    }
};
Durable = Durable_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [DurableEngine,
        Notifications])
], Durable);
export { Durable };
async function assertOwner(tx, durableId, ownerToken) {
    const rows = await tx.query(`SELECT owner_xid FROM ${DURABLE_SCHEMA}.workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE`, [durableId]);
    if (rows[0]?.owner_xid !== ownerToken)
        throw lostClaim(durableId);
}
//# sourceMappingURL=durable.service.js.map