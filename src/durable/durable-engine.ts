import { Injectable, Logger } from '@nestjs/common';
import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { RELEASE } from '../config/release.js';
import { ExecutorIdentity } from '../database/executor-identity.js';
import { untilConnected } from '../database/connection-errors.js';
import { transactionOn } from '../database/database.service.js';
import { databaseUrl } from '../database/kept-connection.js';
import { setUpSession } from '../database/pipelined-client.js';
import { ANSWER_TIMEOUT_MS } from '../database/session-settings.js';
import type { Transaction } from '../database/sql.js';
import { RuntimeSettings } from '../settings/runtime-settings.js';
import { Metrics } from '../telemetry/metrics.js';
import { APPLICATION_NAME, DBOS, DBOSClient, DURABLE_SCHEMA, DURABLE_VERSION, lostClaim } from './dbos.js';
import { leaveWorkToOthers, pollNow, stopDequeueing, type WorkflowQueue } from './dbos-queues.js';
import type { AcceptOptions, DurableFunction, DurableInput } from './durable.types.js';
import { DurableLog } from './durable-log.js';
import { ExecutorSession } from './executor-session.js';
import { PreparingClient } from './preparing-client.js';
import { acquit, giveBack } from './recovery.js';
import { STATUS } from './workflow-status.sql.js';

/** Runs of one function that may die with their process before it is given up. */
export const MAX_RECOVERY_ATTEMPTS = 5;
const LEASE_POLL_MS = 100;
const RELAUNCH_MS = 1_000;
/** So long a process that stops tries to hand over what it has not finished; then the others take it over. */
const HAND_OVER_MS = 5_000;
/** A transaction of a frozen replica holds its locks no longer: everybody else's calls wait for some of them. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/**
 * `workflows` is what people accept, bounded per replica; `branches` its children, unbounded, or waiting parents would
 * starve them; the suspects are what was running in several crashes without progress: one at a time, so that only the
 * guilty one meets its own crash.
 */
export const QUEUES = ['workflows', 'branches', 'suspects', 'suspect-branches'] as const;
export type QueueName = (typeof QUEUES)[number];

/** DBOS in this process: launched under an executor id of its own, relaunched under a new one when it was fenced. */
@Injectable()
export class DurableEngine {
  private readonly logger = new Logger('Durable');
  private readonly queues = new Map<QueueName, WorkflowQueue>();
  private readonly fencedListeners: (() => void)[] = [];
  private readonly polling = new Map<QueueName, Promise<void>>();
  private readonly nextPolls = new Map<QueueName, Promise<void>>();
  /** Bound to the context of the start: what a poll begins to run is no part of the request or workflow that asked for it. */
  private readonly pollOutside = AsyncResource.bind((queue: WorkflowQueue) => pollNow(queue));
  private pool: pg.Pool | undefined;
  private client: DBOSClient | undefined;
  private session: ExecutorSession | undefined;
  private ending = false;
  private launches = Promise.resolve();

  constructor(
    private readonly config: AppConfig,
    private readonly settings: RuntimeSettings,
    private readonly dataSource: DataSource,
    private readonly identity: ExecutorIdentity,
    private readonly metrics: Metrics,
    private readonly log: DurableLog,
  ) {
    metrics.onGather(() => this.gather());
  }

  register<Input extends DurableInput>(name: string, fn: DurableFunction<Input>): DurableFunction<Input> {
    return DBOS.registerWorkflow(fn, { name, maxRecoveryAttempts: MAX_RECOVERY_ATTEMPTS });
  }

  onFenced(listener: () => void): void {
    this.fencedListeners.push(listener);
  }

  /** Whether functions run in this process, or only in others. */
  get takesWork(): boolean {
    return this.config.duties.includes('worker');
  }

  get isRunning(): boolean {
    return DBOS.isInitialized() && !this.ending;
  }

  /** Whether this replica may take over what others leave. */
  get canSweep(): boolean {
    return this.isRunning && this.session?.canJudgeOthers === true;
  }

  get executor(): ExecutorSession {
    if (this.session === undefined) throw new Error('The durable engine is not running.');
    return this.session;
  }

  /** The database has the durable schema of this release: what DBOS itself would migrate is nothing. */
  async launch(): Promise<void> {
    const launched = this.begin();
    this.launches = launched.catch(() => void (this.ending = true));
    await launched;
  }

  private async begin(): Promise<void> {
    const connectionString = databaseUrl(this.dataSource);
    if (!this.takesWork) leaveWorkToOthers();
    const session = new ExecutorSession(
      connectionString,
      { version: DURABLE_VERSION, release: RELEASE, duties: this.config.duties },
      () => this.relaunch(session),
    );
    await session.begin();
    if (this.ending) {
      await session.leave();
      return;
    }
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
      logger: this.log.forDbos(),
    });
    await DBOS.launch();
    // Which has begun to dequeue.
    if (!this.isRunning) await stopDequeueing();
    await this.registerQueues();
    this.client = await DBOSClient.create({
      systemDatabaseUrl: connectionString,
      systemDatabasePool: this.pool,
      systemDatabaseSchemaName: DURABLE_SCHEMA,
      applicationName: APPLICATION_NAME,
      logger: this.log.forDbos(),
    });
    for (const name of QUEUES) void this.poll(name);
  }

  async enqueue<Input extends DurableInput>(tx: Transaction, options: AcceptOptions<Input>): Promise<void> {
    if (this.client === undefined) throw new Error('The durable engine is not running.');
    await this.client.enqueueInTransaction(
      tx.client,
      {
        queueName: 'workflows',
        workflowName: options.name,
        workflowID: options.id,
        appVersion: DURABLE_VERSION,
        priority: options.priority,
      },
      options.input,
    );
  }

  /** On the pool of the engine: who waits for the rows of a durable function keeps no request from its connection. */
  transaction<T>(durableId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.pool === undefined) throw lostClaim(durableId);
    return transactionOn(this.pool, work);
  }

  /** Dequeues now. Calls while a poll is under way become one more poll after it. Resolves, in any case, when that has ended. */
  poll(name: QueueName): Promise<void> {
    const queue = this.queues.get(name);
    if (queue === undefined || !this.isRunning || !this.takesWork) return Promise.resolve();
    const underWay = this.polling.get(name);
    if (underWay !== undefined) {
      const next = this.nextPolls.get(name) ?? underWay.then(() => this.pollAgain(name));
      this.nextPolls.set(name, next);
      return next;
    }
    const poll = this.pollOutside(queue)
      .catch((error: unknown) => this.logger.warn(`A poll of ${name} failed: ${String(error)}`))
      .finally(() => this.polling.delete(name));
    this.polling.set(name, poll);
    return poll;
  }

  private pollAgain(name: QueueName): Promise<void> {
    this.nextPolls.delete(name);
    return this.poll(name);
  }

  /** Whether effects may start. A replica that lost its lease waits here until it beats again; false: it is fenced, or stops. */
  async mayStartEffects(): Promise<boolean> {
    const { session } = this;
    while (session?.hasLease !== true) {
      if (this.session !== session || this.ending) return false;
      await sleep(LEASE_POLL_MS);
    }
    return true;
  }

  /** Which of these durable ids were cancelled. */
  async cancelledOf(ids: readonly string[]): Promise<string[]> {
    const result = await this.pool?.query<{ id: string }>(
      `SELECT workflow_uuid AS id FROM ${STATUS} WHERE workflow_uuid = ANY($1) AND status = 'CANCELLED'`,
      [ids],
    );
    return (result?.rows ?? []).map(({ id }) => id);
  }

  /** For a function that begins to wait for something outside: its past crashes are nothing to suspect it for. */
  async acquit(durableId: string, ownerToken: string): Promise<void> {
    if (this.pool === undefined) throw lostClaim(durableId);
    await acquit(this.pool, durableId, ownerToken);
  }

  async beginDrain(): Promise<void> {
    this.ending = true;
    await stopDequeueing();
    await this.session?.mark('draining').catch(() => undefined);
  }

  /** Hands what is unfinished to the others, and ends. */
  async handOver(): Promise<void> {
    await Promise.race([this.launches, sleep(HAND_OVER_MS, undefined, { ref: false })]);
    const { session, pool } = this;
    if (session === undefined || pool === undefined) return;
    // Where a launch is under way all the same, it finds nothing that it would end as well.
    [this.session, this.pool] = [undefined, undefined];
    try {
      const count = await untilConnected(() => giveBack(pool, session.id), AbortSignal.timeout(HAND_OVER_MS));
      if (count > 0)
        this.logger.log(`${count} unfinished workflows were handed over; they resume from their last step.`);
    } catch (error) {
      this.logger.warn(`Unfinished workflows could not be handed over (${String(error)}); they will be recovered.`);
    }
    await DBOS.shutdown({ deregister: true });
    await session.leave();
    await pool.end();
  }

  private relaunch(lost: ExecutorSession): void {
    this.metrics.replicas.fencings.inc();
    this.tellFenced();
    this.launches = this.launches.then(() => this.relaunchUntilItRuns(lost));
  }

  /** One launch at a time: who is lost during one is so after it, unless that has failed and the next one had another session. */
  private async relaunchUntilItRuns(lost: ExecutorSession): Promise<void> {
    if (this.session !== lost) return;
    for (;;) {
      try {
        await this.runAgain();
        return;
      } catch (error) {
        this.logger.error(`Could not run again after being fenced (${String(error)}); trying again.`);
        await sleep(RELAUNCH_MS, undefined, { ref: false });
      }
    }
  }

  private async runAgain(): Promise<void> {
    const { session, pool } = this;
    if (session !== undefined && pool !== undefined && DBOS.isInitialized()) {
      // It may have claimed functions after the others took over what it had. What their runs meet while the engine ends is no result.
      await stopDequeueing();
      this.tellFenced();
      await giveBack(pool, session.id);
    }
    await DBOS.shutdown();
    await this.abandon();
    if (this.ending) return;
    await this.begin();
    if (this.isRunning) this.logger.warn(`Running again as executor ${this.executor.id}.`);
  }

  private tellFenced(): void {
    this.fencedListeners.forEach((listener) => listener());
  }

  /** Lets go of what belonged to the lost executor id; whoever still works with it gets errors. */
  private async abandon(): Promise<void> {
    const { session, pool } = this;
    this.session = undefined;
    this.pool = undefined;
    await session?.end();
    pool?.end().catch((error: unknown) => {
      this.logger.debug(`The pool of the lost executor did not end: ${String(error)}`);
    });
  }

  private async registerQueues(): Promise<void> {
    const limits = {
      workflows: { workerConcurrency: this.settings.maxConcurrentWorkflows },
      branches: {},
      suspects: { globalConcurrency: 1 },
      'suspect-branches': { globalConcurrency: 1 },
    };
    const register = async (name: QueueName): Promise<void> =>
      void this.queues.set(name, await DBOS.registerQueue(name, { ...limits[name], onConflict: 'always_update' }));
    await Promise.all(QUEUES.map(register));
  }

  private gather(): void {
    if (this.pool === undefined) return;
    const { totalCount, idleCount, waitingCount } = this.pool;
    const { connections, waiting } = this.metrics.database;
    connections.set({ pool: 'durable', state: 'total' }, totalCount);
    connections.set({ pool: 'durable', state: 'idle' }, idleCount);
    waiting.set({ pool: 'durable' }, waitingCount);
  }

  private openPool(connectionString: string, executorId: string): pg.Pool {
    const pool = new pg.Pool({
      Client: PreparingClient,
      pipeline: true,
      onConnect: setUpSession,
      connectionString,
      max: this.config.database.poolSize,
      application_name: `nyx:${executorId}`,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      connectionTimeoutMillis: 10_000,
      // A statement may take longer than the application's: DBOS takes one that the server ends for a failure, and a lost connection not.
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    const onError = (error: Error): void =>
      this.logger.debug(`A connection of the durable engine failed: ${error.message}`);
    pool.on('error', onError);
    pool.on('connect', (client) => client.on('error', onError));
    return pool;
  }
}
