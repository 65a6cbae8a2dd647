import { Injectable, Logger } from '@nestjs/common';
import { answerFromProvider, answerFromRow } from './answers.js';
import { CallAdmission, type Admission } from './call-admission.js';
import type { CallPlan } from './call-plan.js';
import { CallPlanner } from './call-planner.js';
import { CallReservations } from './call-reservations.js';
import { CallSender } from './call-sender.js';
import { CallSettlement } from './call-settlement.js';
import { pause } from './deadline.js';
import { LlmAborted, type LlmAnswer, type LlmCall } from './llm-call.js';
import { upstreamProblem } from './problems.js';
import { ProviderFailure, type AttemptListener, type ProviderAnswer } from './providers/provider.js';
import { pauseBeforeRetryMs } from './retry.rules.js';

/** An attempt that was sent, with what came of it. */
interface Sent {
  readonly interactionId: string;
  readonly outcome: ProviderAnswer | ProviderFailure;
  readonly latencyMs: number;
  /** Whether the caller has heard some of the answer: then it cannot be begun anew. */
  readonly wasHeard: boolean;
}

/** The one way to a model: every attempt is reserved for and has its row before it is sent, and is settled after. */
@Injectable()
export class LlmGateway {
  private readonly logger = new Logger(LlmGateway.name);

  constructor(
    private readonly planner: CallPlanner,
    private readonly admission: CallAdmission,
    private readonly reservations: CallReservations,
    private readonly sender: CallSender,
    private readonly settlement: CallSettlement,
  ) {}

  /**
   * @throws Problem BUDGET_EXCEEDED, LLM_UPSTREAM, LLM_UNAVAILABLE, OVERLOADED, UNKNOWN_MODEL, MODEL_UNPRICED, VALIDATION_ERROR;
   * LlmAborted when a signal aborted; whatever the fence or `commit` throws
   */
  async call(call: LlmCall): Promise<LlmAnswer> {
    const plan = this.planner.plan(call);
    const known: string[] = [];
    for (let retryCount = 0; ; retryCount += 1) {
      throwIfAborted(call.signal);
      const attempt = await this.attempt(plan, known, retryCount);
      if ('settled' in attempt) return answerFromRow(attempt.settled, plan);
      const { interactionId, outcome, latencyMs } = attempt;
      if (!(outcome instanceof ProviderFailure)) {
        const answer = answerFromProvider(outcome, plan, { interactionId, latencyMs, retryCount });
        await this.settlement.settle(plan, answer, outcome.requestId);
        return answer;
      }
      await this.endAttempt(plan, attempt, outcome, retryCount + 1);
    }
  }

  /** Puts in doubt what an executor that is gone had reserved and not settled. May be repeated. @returns how many calls */
  recoverReservations(executorId: string): Promise<number> {
    return this.reservations.recover(executorId);
  }

  private async attempt(plan: CallPlan, known: string[], retryCount: number) {
    const admission = await this.admit(plan);
    if ('settled' in admission) return admission;
    try {
      const reserved = await this.reservations.open(plan, known, retryCount);
      if ('settled' in reserved) return reserved;
      known.push(reserved.interactionId);
      return await this.send(plan, admission, reserved.interactionId);
    } finally {
      admission.leave();
    }
  }

  /** A step that was settled before needs no place, and no provider that is up. */
  private async admit(plan: CallPlan) {
    try {
      return await this.admission.enter(plan, plan.call.idleSignal ?? plan.call.signal);
    } catch (refusal) {
      const settled = await this.reservations.settledBefore(plan);
      if (settled !== undefined) return { settled };
      throwIfAborted(plan.call.idleSignal);
      throwIfAborted(plan.call.signal);
      throw refusal;
    }
  }

  private async send(plan: CallPlan, admission: Admission, interactionId: string): Promise<Sent> {
    const { listener = {}, signal } = plan.call;
    let wasHeard = false;
    const hearing: AttemptListener = {
      onStart: () => {
        admission.started();
        listener.onStart?.(interactionId);
      },
      onText: (text) => {
        wasHeard = listener.onText !== undefined;
        listener.onText?.(text);
      },
    };
    const startedAt = performance.now();
    const outcome = await this.sender.send(plan, hearing, signal ?? new AbortController().signal);
    return { interactionId, outcome, latencyMs: Math.round(performance.now() - startedAt), wasHeard };
  }

  /** Closes a failed attempt; returns when another one is due, throws what the caller gets otherwise. */
  private async endAttempt(plan: CallPlan, sent: Sent, failure: ProviderFailure, attempts: number): Promise<void> {
    const { interactionId, latencyMs, wasHeard } = sent;
    const { purpose, signal, idleSignal = signal } = plan.call;
    const problem = upstreamProblem(failure, interactionId, attempts, Date.now());
    await this.settlement.fail(
      plan,
      interactionId,
      failure,
      failure.endedByCaller ? 'ABORTED' : problem.code,
      latencyMs,
    );
    throwIfAborted(signal);
    const pauseMs = wasHeard ? undefined : pauseBeforeRetryMs(failure, attempts, Math.random(), Date.now());
    const next = pauseMs === undefined ? 'given up' : `tried again in ${Math.round(pauseMs)} ms`;
    this.logger.warn(`Attempt ${attempts} of ${purpose} (${interactionId}) failed, ${next}: ${failure.message}`);
    if (pauseMs === undefined) throw problem;
    await pause(pauseMs, idleSignal).catch(() => throwIfAborted(idleSignal));
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LlmAborted(signal.reason);
}
