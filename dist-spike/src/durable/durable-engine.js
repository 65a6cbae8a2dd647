var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { ExecutorIdentity } from '../database/executor-identity.js';
import { databaseUrl } from '../database/kept-connection.js';
import { APPLICATION_NAME, DBOS, DBOSClient, DURABLE_SCHEMA, DURABLE_VERSION, pollNow, reassignWorkflowsOf, stopDequeueing, } from './dbos.js';
import { ExecutorSession } from './executor-session.js';
import { forgiveAttempts } from './recovery.js';
/** Runs of one function that may die with their process before it is given up. */
const MAX_RECOVERY_ATTEMPTS = 5;
const LEASE_POLL_MS = 100;
/**
 * `workflows` is what people accept, bounded per replica; `branches` its children, unbounded, or waiting parents would
 * starve them; `suspects` what was running in several crashes without progress: one at a time, so that only the guilty one
 * meets its own crash.
 */
const QUEUES = ['workflows', 'branches', 'suspects'];
/** DBOS in this process: launched under an executor id of its own, relaunched under a new one when it was fenced. */
let DurableEngine = class DurableEngine {
    config;
    dataSource;
    identity;
    logger = new Logger('Durable');
    queues = new Map();
    fencedListeners = [];
    polling = new Map();
    pollAgain = new Set();
    pool;
    client;
    session;
    ending = false;
    constructor(config, dataSource, identity) {
        this.config = config;
        this.dataSource = dataSource;
        this.identity = identity;
    }
    register(name, fn) {
        return DBOS.registerWorkflow(fn, { name, maxRecoveryAttempts: MAX_RECOVERY_ATTEMPTS });
    }
    onFenced(listener) {
        this.fencedListeners.push(listener);
    }
    get isRunning() {
        return DBOS.isInitialized() && !this.ending;
    }
    get executor() {
        if (this.session === undefined)
            throw new Error('The durable engine is not running.');
        return this.session;
    }
    queueName(name) {
        return name;
    }
    async launch() {
        const connectionString = databaseUrl(this.dataSource);
        const session = new ExecutorSession(connectionString, DURABLE_VERSION, () => void this.relaunch());
        await session.begin();
        this.session = session;
        this.identity.become(session.id);
        this.pool = this.openPool(connectionString, session.id);
        DBOS.setConfig({
            name: APPLICATION_NAME,
            systemDatabaseUrl: connectionString,
            systemDatabasePool: this.pool,
            systemDatabaseSchemaName: DURABLE_SCHEMA,
            executorID: session.id,
            applicationVersion: DURABLE_VERSION,
            enablePatching: true,
            logger: this.dbosLogger(),
        });
        await DBOS.launch();
        await this.registerQueues();
        this.client = await DBOSClient.create({
            systemDatabaseUrl: connectionString,
            systemDatabasePool: this.pool,
            systemDatabaseSchemaName: DURABLE_SCHEMA,
            applicationName: APPLICATION_NAME,
            logger: this.dbosLogger(),
        });
    }
    async enqueue(tx, options) {
        if (this.client === undefined)
            throw new Error('The durable engine is not running.');
        await this.client.enqueueInTransaction(tx.client, {
            queueName: 'workflows',
            workflowName: options.name,
            workflowID: options.id,
            appVersion: DURABLE_VERSION,
            priority: options.priority,
        }, options.input);
    }
    /** Dequeues now. Calls while a poll is under way become one more poll after it. */
    poll(name) {
        if (this.polling.has(name)) {
            this.pollAgain.add(name);
            return;
        }
        const queue = this.queues.get(name);
        if (queue === undefined || !this.isRunning)
            return;
        const poll = pollNow(queue)
            .catch((error) => this.logger.warn(`A poll of ${name} failed: ${String(error)}`))
            .finally(() => {
            this.polling.delete(name);
            if (this.pollAgain.delete(name))
                this.poll(name);
        });
        this.polling.set(name, poll);
    }
    /** Resolves when effects may start. A replica that lost its lease waits here until it beats again or is fenced. */
    async awaitLease() {
        const { executor } = this;
        while (!executor.hasLease) {
            if (this.session !== executor || this.ending)
                throw new Error('This executor was fenced.');
            await sleep(LEASE_POLL_MS);
        }
    }
    async beginDrain() {
        this.ending = true;
        stopDequeueing();
        await this.session?.mark('draining').catch(() => undefined);
    }
    /** Gives what is unfinished back to the queues; it costs no attempt. */
    async handOver() {
        const { session, pool } = this;
        if (session === undefined || pool === undefined)
            return;
        try {
            await forgiveAttempts(pool, session.id);
            const count = await reassignWorkflowsOf(session.id);
            if (count > 0)
                this.logger.log(`${count} unfinished workflows were handed over; they resume from their last step.`);
            await session.mark('gone');
        }
        catch (error) {
            this.logger.warn(`Unfinished workflows could not be handed over (${String(error)}); they will be recovered.`);
        }
        await DBOS.shutdown({ deregister: true });
        await session.end();
        await pool.end();
    }
    async relaunch() {
        this.fencedListeners.forEach((listener) => listener());
        const { session, pool } = this;
        try {
            await DBOS.shutdown();
            await session?.end();
            void pool?.end();
            await this.launch();
            this.logger.warn(`Running again as executor ${this.executor.id}.`);
        }
        catch (error) {
            this.logger.error(`Could not run again after being fenced (${String(error)}); trying again.`);
            setTimeout(() => void this.relaunch(), 1_000).unref();
        }
    }
    async registerQueues() {
        const limits = {
            workflows: { workerConcurrency: this.config.limits.maxConcurrentAgents },
            branches: {},
            suspects: { globalConcurrency: 1 },
        };
        for (const name of QUEUES) {
            this.queues.set(name, await DBOS.registerQueue(name, { ...limits[name], onConflict: 'always_update' }));
        }
    }
    openPool(connectionString, executorId) {
        const pool = new pg.Pool({
            connectionString,
            max: this.config.database.poolSize,
            application_name: `nyx:${executorId}`,
            idle_in_transaction_session_timeout: 60_000,
            connectionTimeoutMillis: 10_000,
            keepAlive: true,
        });
        const onError = (error) => this.logger.debug(`A connection of the durable engine failed: ${error.message}`);
        pool.on('error', onError);
        pool.on('connect', (client) => client.on('error', onError));
        return pool;
    }
    dbosLogger() {
        return {
            info: (entry) => this.logger.debug(text(entry)),
            debug: (entry) => this.logger.verbose(text(entry)),
            warn: (entry) => this.logger.debug(text(entry)),
            error: (entry) => this.logger.warn(text(entry)),
        };
    }
};
DurableEngine = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AppConfig,
        DataSource,
        ExecutorIdentity])
], DurableEngine);
export { DurableEngine };
const text = (entry) => (entry instanceof Error ? `${entry.name}: ${entry.message}` : String(entry));
//# sourceMappingURL=durable-engine.js.map