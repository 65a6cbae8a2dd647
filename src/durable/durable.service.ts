import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../config/start-error.js';
import { newId } from '../database/ids.js';
import { Notifications } from '../database/notifications.service.js';
import { untilConnected } from '../database/connection-errors.js';
import type { Transaction } from '../database/sql.js';
import { Problem, type ErrorCode } from '../http/problem.js';
import { RuntimeSettings } from '../settings/runtime-settings.js';
import { Metrics } from '../telemetry/metrics.js';
import { traceOfWorkflow } from '../telemetry/trace-context.rules.js';
import { inWork } from '../telemetry/work-context.js';
import { cancelFamily } from './cancelling.js';
import { currentClaim, DBOS, effectStep, lostClaim, whileEngineRuns } from './dbos.js';
import { isCrowded, limitPlaces, onPlaceGivenBack } from './dbos-queues.js';
import type { AcceptOptions, DurableFunction, DurableInput, EffectContext } from './durable.types.js';
import { DurableEngine } from './durable-engine.js';
import { DurableLog } from './durable-log.js';
import { RunningWorkflows, type Run } from './running-workflows.js';
import { StepCheckpoint } from './step-checkpoint.js';
import { STATUS } from './workflow-status.sql.js';

const CANCEL_CHANNEL = 'nyx_cancel';
/** For workers, from processes that only accept or have no place for more. */
const WORK_CHANNEL = 'nyx_work';
const BRANCHES = 'branches';
const BRANCHES_CHANNEL = 'nyx_branches';
/** How often a parent looks whether a child ended. */
const WAIT_POLL_MS = 50;
const DRAIN_SECONDS = 20;
/** Why an effect was aborted that somebody else will run again: its failure must not be stored as the step's result. */
const HANDED_OVER = Symbol('handed over');

/** The outcome of an effect as its checkpoint keeps it, so that a replay throws what the first run threw. */
type EffectOutcome<T> =
  | { readonly value: T }
  | {
      readonly problem: {
        code: ErrorCode;
        detail: string;
        extensions: Readonly<Record<string, unknown>>;
        retryAfterSeconds?: number;
      };
    };

/**
 * Durable functions and their steps. A function is replayed after a crash: its finished steps give back their stored
 * results, so between steps there must be no clock, no random and no reads.
 */
@Injectable()
export class Durable implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Durable.name);
  private readonly runs = new AsyncLocalStorage<Run>();
  private readonly running = new RunningWorkflows();
  private readonly functions = new Map<string, DurableFunction<DurableInput>>();
  /** Tells this process' own notifications from those of others. */
  private readonly self = newId();
  private stepsInFlight = 0;
  private draining = false;

  constructor(
    private readonly engine: DurableEngine,
    private readonly notifications: Notifications,
    private readonly log: DurableLog,
    settings: RuntimeSettings,
    metrics: Metrics,
  ) {
    metrics.onGather(() => metrics.workflows.running.set(this.running.count));
    notifications.on(CANCEL_CHANNEL, (workflowId) => this.abortLocally(workflowId));
    for (const [channel, queue] of [
      [WORK_CHANNEL, 'workflows'],
      [BRANCHES_CHANNEL, BRANCHES],
    ] as const) {
      notifications.on(channel, (sender) => {
        if (sender !== this.self) void this.engine.poll(queue);
      });
    }
    notifications.onReconnect(() => void this.abortMissedCancels());
    limitPlaces('workflows', () => this.running.places(settings.maxConcurrentWorkflows));
    engine.onFenced(() => this.abortHandedOver());
  }

  /** To be called in a constructor or `onModuleInit`: the bootstrap takes up work. Throws when two functions share a name. */
  register<Input extends DurableInput>(name: string, fn: DurableFunction<Input>): void {
    if (this.functions.has(name)) throw new StartError(`Two durable functions are named ${name}: rename one.`);
    const registered = this.engine.register(name, (input: Input) => this.run(input, fn));
    this.functions.set(name, registered as DurableFunction<DurableInput>);
  }

  get functionNames(): string[] {
    return [...this.functions.keys()];
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.engine.launch();
  }

  /** Closes the gate, lets the steps in flight end (up to 20 s) and hands the unfinished workflows over. */
  async beforeApplicationShutdown(): Promise<void> {
    this.draining = true;
    for (const { idle } of this.running.all()) idle.abort(HANDED_OVER);
    const deadlineMs = performance.now() + DRAIN_SECONDS * 1000;
    await this.engine.beginDrain();
    while (this.stepsInFlight > 0 && performance.now() < deadlineMs) await sleep(10);
    if (this.stepsInFlight > 0) this.logger.warn(`${this.stepsInFlight} steps did not end within ${DRAIN_SECONDS} s.`);
    this.abortHandedOver();
    await this.engine.handOver();
  }

  /** Enqueues a durable function in the caller's transaction: it runs if and only if that commits. Call `kick` then. */
  async accept<Input extends DurableInput>(tx: Transaction, options: AcceptOptions<Input>): Promise<void> {
    await this.engine.enqueue(tx, options);
  }

  /** Looks for accepted functions now instead of at the next poll. */
  kick(): void {
    const looked = this.engine.poll('workflows').then(() => !this.engine.takesWork || isCrowded('workflows'));
    void looked.then((isForOthers) => isForOthers && this.notifications.notify(WORK_CHANNEL, this.self));
  }

  /** An effect on the outside world: runs at least once, its result is stored once. A `Problem` it throws is stored too. */
  async step<T>(name: string, effect: (context: EffectContext) => Promise<T>): Promise<T> {
    const run = this.currentRun();
    const { durableId, ownerToken } = currentClaim();
    this.gate();
    const [signal, idleSignal] = [run.abort.signal, run.idle.signal];
    const whileWaiting = async <R>(wait: () => Promise<R>): Promise<R> => {
      if (!run.hasWaited) await this.engine.acquit(durableId, ownerToken);
      run.hasWaited = true;
      return this.whileWaiting(run, wait);
    };
    const fence = (tx: Transaction): void => assertOwner(tx, durableId, ownerToken);
    const outcome = await this.inFlight(() =>
      effectStep<EffectOutcome<T>>(name, (step) => {
        const checkpoint = new StepCheckpoint<EffectOutcome<T>>(step);
        const context: EffectContext = {
          stepKey: `${step.durableId}/${step.stepId}`,
          ...{ signal, idleSignal, whileWaiting, fence },
          checkpoint: (tx, value) => checkpoint.write(tx, { value: value as T }),
        };
        return untilConnected(() => checkpoint.outcomeOf(() => this.runEffect(effect, context, run)), signal);
      }),
    );
    if ('value' in outcome) return outcome.value;
    const { code, detail, ...options } = outcome.problem;
    throw new Problem(code, detail, options);
  }

  /** Rows that commit together with the step's checkpoint: written exactly once. No effect and no wait inside. */
  async commit<T>(name: string, work: (tx: Transaction) => T | Promise<T>): Promise<T> {
    const { signal } = this.currentRun().abort;
    const { durableId, ownerToken } = currentClaim();
    this.gate();
    return this.inFlight(() =>
      effectStep<T>(name, (step) => {
        const checkpoint = new StepCheckpoint<T>(step);
        const write = (): Promise<T> =>
          this.engine.transaction(durableId, async (tx) => {
            assertOwner(tx, durableId, ownerToken);
            const result = await work(tx);
            await checkpoint.write(tx, result);
            return result;
          });
        return untilConnected(() => checkpoint.outcomeOf(write), signal).catch((error: unknown) => {
          throw signal.reason === HANDED_OVER ? lostClaim(durableId) : error;
        });
      }),
    );
  }

  /**
   * Starts children that any replica may run, in a fixed order. The other replicas are told when a sweep of several begins and this one
   * looks when it ends, so that each has some of them.
   */
  async startChildren(name: string, children: readonly { id: string; input: DurableInput }[]): Promise<void> {
    const fn = this.functions.get(name);
    if (fn === undefined) throw new Error(`No durable function is named ${name}.`);
    this.gate();
    const { origin } = this.currentRun();
    if (children.length > 1) this.notifications.notify(BRANCHES_CHANNEL, this.self);
    await this.inFlight(async () => {
      for (const { id, input } of children) {
        await DBOS.startWorkflow(fn, { workflowID: id, queueName: BRANCHES })({ ...input, ...origin });
      }
    });
    void this.engine.poll(BRANCHES);
  }

  /**
   * Where a flow changed: true for runs that get here first with the new code, false for those whose history has the old steps.
   * Keeps functions that an older release began able to end.
   */
  patched(change: string): Promise<boolean> {
    return DBOS.patch(change);
  }

  /** Waits until one of these functions ended, in whatever way, and says which; the answer is recorded. */
  async waitFirst(ids: readonly string[]): Promise<string> {
    const handles = ids.map((id) => DBOS.retrieveWorkflow(id));
    const first = await this.asEffect(this.currentRun(), -Infinity, () =>
      DBOS.waitFirst(handles, { pollingIntervalMs: WAIT_POLL_MS }),
    );
    this.gate();
    return first.workflowID;
  }

  /**
   * Takes a workflow's durable functions from whoever runs them: from the commit of `tx` on none of their steps can write.
   * Do this first in the transaction (steps lock in the same order) and call `abortCancelled` after it.
   */
  async cancel(tx: Transaction, workflowId: string): Promise<void> {
    await cancelFamily(tx, workflowId);
  }

  /** Aborts the effects in flight of a workflow that was cancelled, on every replica. */
  abortCancelled(workflowId: string): void {
    this.abortLocally(workflowId);
    this.notifications.notify(CANCEL_CHANNEL, workflowId);
  }

  private async run<Input extends DurableInput>(input: Input, fn: DurableFunction<Input>): Promise<void> {
    const { workflowId, traceparent, requestId } = input;
    const origin = { ...(traceparent !== undefined && { traceparent }), ...(requestId !== undefined && { requestId }) };
    const isWhole = DBOS.workflowID === workflowId;
    const abort = new AbortController();
    const run: Run = {
      workflowId,
      origin,
      abort,
      idle: new AbortController(),
      isWhole,
      waits: 0,
      hasWaited: false,
      effects: new Set(),
    };
    run.abort.signal.addEventListener('abort', () => run.idle.abort(run.abort.signal.reason), { once: true });
    this.running.add(run);
    try {
      const trace = traceOfWorkflow(workflowId, traceparent);
      await inWork({ trace, workflowId, requestId, retry: 0 }, () =>
        this.runs.run(run, () =>
          whileEngineRuns(() => fn(input)).catch((thrown: unknown) => {
            throw this.log.failureOf(workflowId, thrown);
          }),
        ),
      );
    } finally {
      this.running.delete(run);
      if (isWhole) onPlaceGivenBack(() => this.takePlace());
    }
  }

  private async runEffect<T>(
    effect: (context: EffectContext) => Promise<T>,
    context: EffectContext,
    run: Run,
  ): Promise<EffectOutcome<T>> {
    try {
      if (!(await this.engine.mayStartEffects())) throw lostClaim(currentClaim().durableId);
      return { value: await this.asEffect(run, performance.now(), () => effect(context)) };
    } catch (error) {
      if (context.signal.reason === HANDED_OVER || causeOf(error) === HANDED_OVER)
        throw lostClaim(currentClaim().durableId);
      if (!(error instanceof Problem) || error.code === 'DATABASE_UNAVAILABLE') throw error;
      const { extensions = {}, retryAfterSeconds } = error.options;
      return { problem: { code: error.code, detail: error.detail, extensions, retryAfterSeconds } };
    }
  }

  /** For what waits for a place in the queue now that one is free here. */
  private async takePlace(): Promise<void> {
    if (await isCrowded('workflows')) await this.engine.poll('workflows');
  }

  private async asEffect<T>({ effects }: Run, beganMs: number, work: () => Promise<T>): Promise<T> {
    const underWay = { beganMs };
    effects.add(underWay);
    try {
      return await work();
    } finally {
      effects.delete(underWay);
    }
  }

  /** While this process drains no step begins: the run stops here and another process carries on from its checkpoints. */
  private gate(): void {
    if (this.draining) throw lostClaim(currentClaim().durableId);
  }

  private async whileWaiting<T>(run: Run, wait: () => Promise<T>): Promise<T> {
    run.waits += 1;
    try {
      return await wait();
    } finally {
      run.waits -= 1;
    }
  }

  private async inFlight<T>(work: () => Promise<T>): Promise<T> {
    this.stepsInFlight += 1;
    try {
      return await work();
    } finally {
      this.stepsInFlight -= 1;
    }
  }

  private currentRun(): Run {
    const run = this.runs.getStore();
    if (run === undefined) throw new Error('Not inside a durable function.');
    return run;
  }

  private abortLocally(workflowId: string): void {
    for (const { abort } of this.running.of(workflowId)) abort.abort();
  }

  /** Cancels that came while no notification could. */
  private async abortMissedCancels(): Promise<void> {
    try {
      for (const workflowId of await this.engine.cancelledOf(this.running.ids)) this.abortLocally(workflowId);
    } catch (error) {
      this.logger.warn(`Missed cancels could not be read: ${String(error)}`);
    }
  }

  private abortHandedOver(): void {
    for (const { abort } of this.running.all()) abort.abort(HANDED_OVER);
  }
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

/** Nothing that the transaction writes after this is committed when somebody else has claimed the function. */
function assertOwner(tx: Transaction, durableId: string, ownerToken: string): void {
  tx.send(`SELECT owner_xid FROM ${STATUS} WHERE workflow_uuid = $1 FOR NO KEY UPDATE`, [durableId], ([row]) => {
    if ((row as { owner_xid: string | null } | undefined)?.owner_xid !== ownerToken) throw lostClaim(durableId);
  });
}
