import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { isConnectionError, untilConnected } from '../database/connection-errors.js';
import { afterCommit } from '../database/after-commit.js';
import { Database } from '../database/database.service.js';
import type { Transaction } from '../database/sql.js';
import { BudgetService } from './budget/budget.service.js';
import type { CallPlan } from './call-plan.js';
import { CallTelemetry, usageOf } from './call-telemetry.js';
import { AlreadyClosed, InteractionLog, type Ending } from './interactions/interaction-log.js';
import type { LlmAnswer } from './llm-call.js';
import { costOf, costWithoutCacheOf, type TokenUsage } from './pricing.rules.js';
import type { ProviderFailure } from './providers/provider.js';

/** A caller who may come again is kept waiting for the database this long; the money is booked later, too. */
const PATIENCE_MS = 60_000;

/** The second transaction of an attempt: what came of it. */
@Injectable()
export class CallSettlement implements OnApplicationShutdown {
  private readonly logger = new Logger(CallSettlement.name);
  private readonly shutdown = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly budget: BudgetService,
    private readonly interactions: InteractionLog,
    private readonly telemetry: CallTelemetry,
  ) {}

  /** What is not booked by then is put in doubt by who recovers this executor. */
  onApplicationShutdown(): void {
    this.shutdown.abort();
  }

  /**
   * Writes the answer with the caller's rows. When the fence or the caller's rows refuse, the money is booked all the same,
   * without the answer, and the refusal is thrown.
   */
  async settle(plan: CallPlan, answer: LlmAnswer, providerRequestId: string | undefined): Promise<void> {
    const endedAtMs = Date.now();
    try {
      await this.whenConnected(plan, (tx) => this.write(tx, plan, answer, endedAtMs, providerRequestId));
    } catch (error) {
      if (error instanceof AlreadyClosed) return;
      await this.bookUnwritten(plan, answer, providerRequestId, error);
      throw error;
    }
  }

  /**
   * Ends an attempt that brought nothing whole. Its reservation is given back when it certainly cost nothing; an attempt that was ended
   * from here is booked at the most that it can have cost by what had arrived; of any other nobody knows, so it stays in doubt.
   */
  async fail(
    plan: CallPlan,
    interactionId: string,
    failure: ProviderFailure,
    errorCode: string,
    latencyMs: number,
  ): Promise<void> {
    const { price } = plan;
    const endedAtMs = Date.now();
    const usage = failure.charge === 'bounded' ? failure.usageBound : undefined;
    const isUnknown = failure.charge === 'unknown';
    const costUsd = isUnknown ? undefined : usage === undefined ? new Decimal(0) : costOf(price, usage);
    const ending: Ending = {
      status: isUnknown ? 'in_doubt' : 'failed',
      errorCode,
      message:
        usage === undefined ? failure.message : `${failure.message} It is booked at the most that it can have cost.`,
      latencyMs,
      costUsd,
      providerRequestId: failure.requestId,
      usage,
      costWithoutCacheUsd: usage && costWithoutCacheOf(price, usage),
    };
    await this.book(plan, async (tx) => {
      if (await this.interactions.end(tx, interactionId, ending)) {
        this.note(tx, plan, interactionId, ending, endedAtMs);
      }
      if (costUsd === undefined) await this.budget.markInDoubt(tx, interactionId);
      else if (usage === undefined) await this.budget.void(tx, interactionId);
      else await this.budget.settle(tx, interactionId, costUsd);
    });
  }

  private async write(
    tx: Transaction,
    plan: CallPlan,
    answer: LlmAnswer,
    endedAtMs: number,
    providerRequestId?: string,
  ): Promise<void> {
    const { call } = plan;
    call.fence?.(tx);
    this.interactions.succeed(tx, answer, providerRequestId);
    await call.commit?.(tx, answer);
    await this.budget.settle(tx, answer.interactionId, answer.costUsd);
    const { fault, ...facts } = answer;
    const outcome = fault === undefined ? 'answered' : 'faulty';
    afterCommit(tx, () => this.telemetry.ended(plan, { ...facts, outcome, endedAtMs, errorCode: fault?.code }));
  }

  /** An attempt that ended without a written answer is counted when its end is booked. */
  private note(tx: Transaction, plan: CallPlan, interactionId: string, ending: Ending, endedAtMs: number): void {
    const { status: outcome, usage, costUsd, latencyMs, errorCode } = ending;
    const ended = { interactionId, outcome, latencyMs, endedAtMs, costUsd, errorCode };
    afterCommit(tx, () => this.telemetry.ended(plan, { ...ended, usage: usage && usageOf(usage) }));
  }

  private async bookUnwritten(
    plan: CallPlan,
    answer: LlmAnswer,
    providerRequestId: string | undefined,
    reason: unknown,
  ): Promise<void> {
    const endedAtMs = Date.now();
    this.logger.warn(`The answer of ${answer.interactionId} is paid but could not be written: ${String(reason)}`);
    const ending: Ending = {
      status: 'failed',
      errorCode: 'NOT_WRITTEN',
      message:
        'The answer came, but the process may no longer write for its workflow, or its rows could not be written.',
      latencyMs: answer.latencyMs,
      costUsd: answer.costUsd,
      costWithoutCacheUsd: answer.costWithoutCacheUsd,
      providerRequestId,
      usage: tokensOf(answer),
    };
    const work = async (tx: Transaction): Promise<void> => {
      if (await this.interactions.end(tx, answer.interactionId, ending)) {
        this.note(tx, plan, answer.interactionId, ending, endedAtMs);
      }
      await this.budget.settle(tx, answer.interactionId, answer.costUsd);
    };
    if (isConnectionError(reason)) this.bookLater(work);
    else await this.book(plan, work);
  }

  private async book(plan: CallPlan, work: (tx: Transaction) => Promise<void>): Promise<void> {
    try {
      await this.whenConnected(plan, work);
    } catch (error) {
      if (isConnectionError(error)) this.bookLater(work);
      throw error;
    }
  }

  /** The caller is not kept waiting, and the money is not forgotten: until then it would be reserved, and nobody could release it. */
  private bookLater(work: (tx: Transaction) => Promise<void>): void {
    untilConnected(() => this.database.transaction(work), this.shutdown.signal).catch((error: unknown) => {
      this.logger.error(`What a call cost could not be booked: ${String(error)}`);
    });
  }

  /**
   * Repeats the transaction while the database is away: a durable step waits for it in any case, and without its answer would pay for
   * another. All of them are conditional on the row still being open.
   */
  private whenConnected({ call }: CallPlan, work: (tx: Transaction) => Promise<void>): Promise<void> {
    const patience = call.stepKey === undefined ? AbortSignal.timeout(PATIENCE_MS) : call.signal;
    return untilConnected(() => this.database.transaction(work), patience, this.shutdown.signal);
  }
}

/** For the row, which does not tell for how long the cache was written. */
const tokensOf = ({ usage }: LlmAnswer): TokenUsage => ({
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheCreation5mTokens: usage.cacheCreationInputTokens,
  cacheCreation1hTokens: 0,
  cacheReadTokens: usage.cacheReadInputTokens,
});
