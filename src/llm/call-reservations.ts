import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { afterCommit } from '../database/after-commit.js';
import { untilConnected } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import { ExecutorIdentity } from '../database/executor-identity.js';
import { derivedId, newId } from '../database/ids.js';
import type { Transaction } from '../database/sql.js';
import type { Problem } from '../http/problem.js';
import { remainingUsd } from './budget/budget.rules.js';
import { BudgetService } from './budget/budget.service.js';
import type { CallPlan } from './call-plan.js';
import { CallTelemetry } from './call-telemetry.js';
import { withDeadline } from '../waiting/deadline.js';
import { InteractionLog, type EarlierAttempt } from './interactions/interaction-log.js';
import { BudgetRefusal, budgetExceeded, CallsDisabled } from './problems.js';
import { worstCaseOf } from './pricing.rules.js';
import { LlmProvider } from './providers/provider.js';

/** An attempt that may be sent, or the answer that an earlier one already brought. */
export type Reserved = { readonly interactionId: string } | { readonly settled: EarlierAttempt };

const COUNT_TIMEOUT_MS = 10_000;

/** Why the transaction goes back that was to open an attempt: its step has attempts that nobody here knows of. */
class EnteredBefore extends Error {}

/** The first transaction of an attempt: fence, interaction row, reservation; and what crashes leave of it. */
@Injectable()
export class CallReservations implements OnApplicationShutdown {
  private readonly logger = new Logger(CallReservations.name);
  private readonly discarding = new Set<Promise<void>>();
  /**
   * Of steps, which come again and find what they left: calls of which nobody knows whether they are reserved, and which were not sent, with
   * the executor that would have. Another one may have sent what it could not even reserve.
   */
  private readonly unsent = new Map<string, string>();
  private readonly shutdown = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly budget: BudgetService,
    private readonly interactions: InteractionLog,
    private readonly provider: LlmProvider,
    private readonly executor: ExecutorIdentity,
    private readonly telemetry: CallTelemetry,
  ) {}

  /** What is not given back by then is put in doubt by who recovers this executor. */
  async onApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.discarding);
  }

  /**
   * Reserves the plan's worst case for one more attempt. `known` are the attempts at its step seen so far; those found are added.
   * @throws Problem BUDGET_EXCEEDED; CallsDisabled; both with nothing written
   */
  async open(plan: CallPlan, known: string[], retryCount: number): Promise<Reserved> {
    try {
      return await this.openFor(plan, plan.boundUsd, known, retryCount);
    } catch (error) {
      if (!(error instanceof BudgetRefusal)) throw error;
      const narrowedUsd = await this.narrow(plan, error);
      if (narrowedUsd === undefined) throw this.refused(error);
      return await this.openFor(plan, narrowedUsd, known, retryCount).catch((again: unknown) => {
        throw again instanceof BudgetRefusal ? this.refused(again) : again;
      });
    }
  }

  /** The answer that this step had already, perhaps in another process. */
  async settledBefore({ call }: CallPlan): Promise<EarlierAttempt | undefined> {
    const { workflowId } = call.attribution;
    if (call.stepKey === undefined || workflowId === undefined) return undefined;
    return this.interactions.succeededAt(this.database, workflowId, call.stepKey);
  }

  /** Puts in doubt what an executor that is gone had reserved and not settled. May be repeated. @returns how many calls */
  async recover(executorId: string): Promise<number> {
    return this.doubtAll(await this.budget.openReservations(this.database, executorId));
  }

  /**
   * Puts in doubt reservations that nobody will settle: an executor may reserve once more after it was recovered, before it knows, and a
   * step whose reservation was committed without its knowledge may never come again. May be repeated.
   */
  async recoverLeft(): Promise<void> {
    await this.doubtAll(await this.budget.leftReservations(this.database));
  }

  private async doubtAll(interactionIds: readonly string[]): Promise<number> {
    for (const interactionId of interactionIds) await this.database.transaction((tx) => this.doubt(tx, interactionId));
    return interactionIds.length;
  }

  private refused(refusal: BudgetRefusal): Problem {
    this.telemetry.refused(refusal.balance.kind);
    return budgetExceeded(refusal);
  }

  private async openFor(plan: CallPlan, amountUsd: Decimal, known: string[], retryCount: number): Promise<Reserved> {
    for (;;) {
      const interactionId = this.nextId(plan, known);
      const reserved = await this.openOnce(plan, interactionId, amountUsd, known, retryCount);
      if (reserved !== undefined) return reserved;
    }
  }

  private async openOnce(
    plan: CallPlan,
    interactionId: string,
    amountUsd: Decimal,
    known: string[],
    retryCount: number,
  ): Promise<Reserved | undefined> {
    const { id: executorId } = this.executor;
    const reserve = async (tx: Transaction): Promise<void> => {
      plan.call.fence?.(tx);
      if (retryCount === 0) await plan.call.prepare?.(tx);
      const request = { interactionId, scopes: plan.scopes, amountUsd, executorId };
      // Sent at once: it is seldom that a step was entered before, and then all of this goes back.
      const [opened, reserved] = await Promise.allSettled([
        this.interactions.open(tx, interactionId, plan, retryCount, known),
        this.budget.reserve(tx, request),
      ]);
      if (!valueOf(opened)) throw new EnteredBefore();
      const refusal = valueOf(reserved);
      if (refusal === undefined) return;
      throw 'isDisabled' in refusal ? new CallsDisabled() : new BudgetRefusal(refusal.refusedBy, amountUsd);
    };
    const isOfStep = plan.call.stepKey !== undefined;
    try {
      await this.database.transaction(reserve, () =>
        isOfStep ? void this.unsent.set(interactionId, executorId) : this.discard(interactionId),
      );
      this.unsent.delete(interactionId);
      return { interactionId };
    } catch (error) {
      if (error instanceof EnteredBefore) return this.revisit(plan, known);
      throw error;
    }
  }

  /** The step was entered before: its settled answer, or nothing, after what was left open has been given back or put in doubt. */
  private revisit(plan: CallPlan, known: string[]): Promise<Reserved | undefined> {
    return this.database.transaction(async (tx) => {
      plan.call.fence?.(tx);
      const earlier = await this.interactions.earlier(tx, plan, known);
      const settled = earlier.find((attempt) => attempt.status === 'succeeded');
      if (settled !== undefined) return { settled };
      for (const { id } of earlier.filter(({ status }) => status === 'sent')) {
        const executorId = this.unsent.get(id);
        const isUnsent = executorId !== undefined && (await this.budget.reservedBy(tx, id)) === executorId;
        await (isUnsent ? this.giveBack(tx, id) : this.doubt(tx, id));
      }
      afterCommit(tx, () => {
        for (const { id } of earlier) {
          known.push(id);
          this.unsent.delete(id);
        }
      });
      return undefined;
    });
  }

  private async giveBack(tx: Transaction, interactionId: string): Promise<void> {
    const ending = { errorCode: 'NOT_SENT', message: 'The database went away before the call was sent.', latencyMs: 0 };
    const nothing = { costUsd: new Decimal(0), providerRequestId: undefined };
    await this.interactions.end(tx, interactionId, { status: 'failed', ...ending, ...nothing });
    await this.budget.void(tx, interactionId);
  }

  private async doubt(tx: Transaction, interactionId: string): Promise<void> {
    await this.interactions.abandon(tx, interactionId);
    await this.budget.markInDoubt(tx, interactionId);
  }

  private nextId({ call }: CallPlan, known: readonly string[]): string {
    if (call.stepKey === undefined) return newId();
    const { workflowId } = call.attribution;
    if (workflowId === undefined) throw new TypeError('A call with a stepKey belongs to a workflow.');
    return derivedId('llm', workflowId, call.stepKey, known.length + 1);
  }

  /** A smaller worst case, from the provider's own count; asked for only when that could help. */
  private async narrow(plan: CallPlan, refusal: BudgetRefusal): Promise<Decimal | undefined> {
    const remaining = remainingUsd(refusal.balance) ?? new Decimal(0);
    if (worstCaseOf(plan.price, 0, plan.request.maxTokens).gt(remaining)) return undefined;
    const deadline = withDeadline(plan.call.signal, COUNT_TIMEOUT_MS);
    const counted = await this.provider
      .countInputTokens(plan.request, deadline.signal)
      .finally(() => deadline.dispose());
    if (counted === undefined) return undefined;
    const narrowed = worstCaseOf(plan.price, counted, plan.request.maxTokens);
    return narrowed.lte(remaining) ? narrowed : undefined;
  }

  /** The connection broke, so nobody knows whether the reservation is or will be committed; the call was not sent in any case. */
  private discard(interactionId: string): void {
    const work = untilConnected(async () => {
      await this.database.transaction(async (tx) => {
        if (await this.budget.wasReserved(tx, interactionId)) await this.giveBack(tx, interactionId);
      });
    }, this.shutdown.signal).catch((error: unknown) => {
      this.logger.error(`The reservation of ${interactionId} could not be given back: ${String(error)}`);
    });
    this.discarding.add(work);
    void work.finally(() => this.discarding.delete(work));
  }
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
