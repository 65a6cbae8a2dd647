import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseUnreachable, isConnectionError, untilConnected } from '../../database/connection-errors.js';
import { Database } from '../../database/database.service.js';
import { newId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { type Claim, type ExecutionRow, ExecutionLog, lostOutcome } from '../executions/execution-log.js';
import { Rates } from '../policy/rates.js';
import type { RateRefusal } from '../policy/rates.rules.js';
import type { ToolExecution } from '../tool-run.js';
import { type Outcome, refused } from './outcome.js';
import { RunTelemetry } from './run-telemetry.js';

/** A person, who may come again, is kept waiting for the database this long; what the tool did is written later, too. */
const PATIENCE_MS = 60_000;
/** So long is waited for what is written later. */
const UNWRITTEN_PATIENCE_MS = 10_000;
/** `duration_ms` of a call that was refused before it began: with null the rate limits do not count it. */
const NOT_BEGUN = null;

/**
 * The transactions of a run: claimed before it begins, ended together with the caller's rows. One that finds the id taken answers
 * undefined: then the row says how to go on.
 */
@Injectable()
export class RunClaims implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(RunClaims.name);
  /** By execution: what could not be written while the database was away. */
  private readonly unwritten = new Map<string, Promise<void>>();
  private readonly shutdown = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly log: ExecutionLog,
    private readonly rates: Rates,
    private readonly telemetry: RunTelemetry,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.untilWritten(...this.unwritten.values());
  }

  onApplicationShutdown(): void {
    this.shutdown.abort();
  }

  async find(executionId: string): Promise<ExecutionRow | undefined> {
    const unwritten = this.unwritten.get(executionId);
    // Its row may say less than is known here: who asks is to come again, as for any row that cannot be read.
    if (unwritten !== undefined && !(await this.untilWritten(unwritten)))
      throw new DatabaseUnreachable('What a run did is not written yet.');
    return this.log.find(this.database, executionId);
  }

  /** What refuses this call before it is begun. Reads are counted again when they end. */
  async look({ request, call }: Claim): Promise<Outcome | undefined> {
    return outcomeOf(await this.rates.look(this.database, request.caller, call.toolName));
  }

  /** @returns its refusal by the rates, already written; or `claimed` */
  async claim(claim: Claim): Promise<ToolExecution | 'claimed' | undefined> {
    const { request, call } = claim;
    const take = async (tx: Transaction): Promise<ToolExecution | 'claimed' | undefined> => {
      request.fence?.(tx);
      const refusal = outcomeOf(await this.rates.take(tx, request.caller, call.toolName));
      if (refusal !== undefined) return this.add(tx, claim, refusal, NOT_BEGUN);
      return (await this.log.open(tx, claim)) ? 'claimed' : undefined;
    };
    return this.database.transaction(take, () => this.forget(claim));
  }

  /** Another attempt at what an earlier one left open. */
  async reclaim(claim: Claim, earlier: ExecutionRow): Promise<'claimed' | undefined> {
    const take = async (tx: Transaction): Promise<'claimed' | undefined> => {
      claim.request.fence?.(tx);
      return (await this.log.reclaim(tx, claim, earlier.claim_id)) ? 'claimed' : undefined;
    };
    return this.database.transaction(take, () => this.leave(claim));
  }

  /** Writes a call that is not run. */
  async refuse(claim: Claim, outcome: Outcome): Promise<ToolExecution | undefined> {
    return this.whenConnected(claim, async (tx) => {
      claim.request.fence?.(tx);
      return this.add(tx, claim, outcome, NOT_BEGUN);
    });
  }

  /** Writes a read that has ended: its place among the calls is taken only now, and without one nobody hears what it read. */
  async addRead(claim: Claim, outcome: Outcome, durationMs: number): Promise<ToolExecution | undefined> {
    const { request, call } = claim;
    return this.whenConnected(claim, async (tx) => {
      request.fence?.(tx);
      const refusal = outcomeOf(await this.rates.take(tx, request.caller, call.toolName));
      return this.add(tx, claim, refusal ?? outcome, refusal === undefined ? durationMs : NOT_BEGUN);
    });
  }

  /**
   * Ends a claimed run. When the fence or the caller's rows refuse, what the tool did is written without them, and the refusal is
   * thrown: the step, should it run again, then only adds its rows.
   */
  async end(claim: Claim, outcome: Outcome, durationMs: number): Promise<ToolExecution | undefined> {
    try {
      return await this.whenConnected(claim, async (tx) => {
        claim.request.fence?.(tx);
        if (!(await this.log.end(tx, claim, outcome, durationMs, true))) return undefined;
        this.telemetry.ended(tx, claim, outcome, durationMs);
        return this.committed(tx, claim, outcome, durationMs);
      });
    } catch (error) {
      if (isConnectionError(error)) this.endLater(claim, outcome, durationMs);
      else await this.endUnreported(claim, outcome, durationMs);
      throw error;
    }
  }

  /** Ends a claimed run of which its step hears nothing now; later, when the database is away for too long. */
  async endUnreported(claim: Claim, outcome: Outcome, durationMs: number | null): Promise<void> {
    try {
      await this.whenConnected(claim, (tx) => this.writeUnreported(tx, claim, outcome, durationMs));
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      this.endLater(claim, outcome, durationMs);
    }
  }

  /** Ends for good, as unknown, what an earlier attempt left open. */
  async giveUp(claim: Claim, earlier: ExecutionRow): Promise<ToolExecution | undefined> {
    return this.whenConnected(claim, async (tx) => {
      claim.request.fence?.(tx);
      const open = { executionId: earlier.id, claimId: earlier.claim_id };
      if (!(await this.log.end(tx, open, lostOutcome, null, true))) return undefined;
      this.telemetry.ended(tx, claim, lostOutcome, null);
      return this.committed(tx, claim, lostOutcome, 0);
    });
  }

  /** Adds the caller's rows to a run that ended without them. */
  async report(claim: Claim, earlier: ExecutionRow): Promise<ToolExecution | undefined> {
    return this.whenConnected(claim, async (tx) => {
      claim.request.fence?.(tx);
      if (!(await this.log.report(tx, earlier.id))) return undefined;
      const execution = executionOf(earlier);
      await claim.request.commit?.(tx, execution);
      return execution;
    });
  }

  private async add(
    tx: Transaction,
    claim: Claim,
    outcome: Outcome,
    durationMs: number | null,
  ): Promise<ToolExecution | undefined> {
    // Nothing was done, so a person may ask again with the same key, and be allowed: the id that is bound to it stays free.
    const isFree = outcome.status === 'refused' && claim.request.caller.kind === 'person';
    const written = isFree ? { ...claim, executionId: newId() } : claim;
    if (!(await this.log.add(tx, written, outcome, durationMs))) return undefined;
    this.telemetry.ended(tx, written, outcome, durationMs);
    return this.committed(tx, written, outcome, durationMs ?? 0);
  }

  private async committed(
    tx: Transaction,
    { executionId, request, call }: Claim,
    outcome: Outcome,
    durationMs: number,
  ): Promise<ToolExecution> {
    const execution = { ...outcome, executionId, toolName: call.toolName, durationMs };
    await request.commit?.(tx, execution);
    return execution;
  }

  private async writeUnreported(
    tx: Transaction,
    claim: Claim,
    outcome: Outcome,
    durationMs: number | null,
  ): Promise<void> {
    if (await this.log.end(tx, claim, outcome, durationMs, false)) this.telemetry.ended(tx, claim, outcome, durationMs);
  }

  private endLater(claim: Claim, outcome: Outcome, durationMs: number | null): void {
    this.later(claim, 'The end', (tx) => this.writeUnreported(tx, claim, outcome, durationMs));
  }

  /** The connection broke, so nobody knows whether the claim is or will be committed; the tool was not begun in any case. */
  private forget(claim: Claim): void {
    this.later(claim, 'That nothing was begun', async (tx) => {
      // Waits for the commit of the other, should it be under way.
      await this.log.open(tx, claim);
      await this.log.forget(tx, claim);
    });
  }

  /** The same of another attempt: of the one before nobody knows more than then, and the step may never come again. */
  private leave(claim: Claim): void {
    this.later(claim, 'That it was not taken up again', async (tx) => {
      await this.log.lock(tx, claim.executionId);
      await this.log.end(tx, claim, lostOutcome, null, false);
    });
  }

  /** Until then the run would stand as running, and the sweep ends only what executors left that are gone. */
  private later(claim: Claim, what: string, work: (tx: Transaction) => Promise<void>): void {
    const { executionId } = claim;
    const writing = untilConnected(() => this.database.transaction(work), this.shutdown.signal).catch(
      (error: unknown) => {
        this.logger.error(`${what} could not be written of ${executionId}: ${String(error)}`);
      },
    );
    const written = Promise.all([this.unwritten.get(executionId), writing]).then(() => undefined);
    this.unwritten.set(executionId, written);
    void written.finally(() => {
      if (this.unwritten.get(executionId) === written) this.unwritten.delete(executionId);
    });
  }

  /** Waits a while. @returns whether all of it is written */
  private untilWritten(...unwritten: readonly Promise<void>[]): Promise<boolean> {
    return Promise.race([Promise.all(unwritten).then(() => true), sleep(UNWRITTEN_PATIENCE_MS, false, { ref: false })]);
  }

  /**
   * Repeats the transaction while the database is away: the step of an agent waits for it in any case, and without the outcome nobody would
   * know what the tool did. All of these find out themselves when they were committed before.
   */
  private whenConnected<T>({ request }: Claim, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const patience = request.caller.kind === 'person' ? AbortSignal.timeout(PATIENCE_MS) : request.signal;
    return untilConnected(() => this.database.transaction(work), patience, this.shutdown.signal);
  }
}

function outcomeOf(refusal: RateRefusal | undefined): Outcome | undefined {
  if (refusal === undefined) return undefined;
  const { rule, reason, retryAfterSeconds } = refusal;
  return refused(rule, reason, retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds });
}

const ELSEWHERE = 'Another process took the run over and has not ended it yet: nobody knows what comes of it.';

/** A row as the answer to its run; what still runs elsewhere is unknown here. */
export const executionOf = (row: ExecutionRow): ToolExecution => ({
  executionId: row.id,
  toolName: row.tool_name,
  status: row.status === 'running' ? 'unknown' : row.status,
  rule: row.rule ?? undefined,
  success: row.success ?? false,
  output: row.output_result,
  errorMessage: row.status === 'running' ? ELSEWHERE : (row.error_message ?? undefined),
  metadata: row.metadata,
  stdout: row.stdout ?? undefined,
  stderr: row.stderr ?? undefined,
  exitCode: row.exit_code ?? undefined,
  durationMs: row.duration_ms ?? 0,
});
