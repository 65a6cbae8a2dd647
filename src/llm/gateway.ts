import { Injectable, Logger } from '@nestjs/common';
import { answerFromProvider, answerFromRow } from './answers.js';
import { CallAdmission, type Admission } from './call-admission.js';
import type { CallPlan } from './call-plan.js';
import { CallPlanner } from './call-planner.js';
import { CallReservations } from './call-reservations.js';
import { CallSender } from './call-sender.js';
import { CallSettlement } from './call-settlement.js';
import { pause } from '../waiting/deadline.js';
import { EMERGENCY_STOP, EmergencyStop } from './guards/emergency-stop.js';
import type { EarlierAttempt } from './interactions/interaction-log.js';
import { LlmAborted, type LlmAnswer, type LlmCall } from './llm-call.js';
import { CallsDisabled, upstreamProblem } from './problems.js';
import { ProviderFailure, type AttemptListener, type ProviderAnswer } from './providers/provider.js';
import { pauseBeforeRetryMs } from './retry.rules.js';
import { planWithoutThoughts } from './thoughts.rules.js';

/** An attempt that was sent, with what came of it. */
interface Sent {
  readonly interactionId: string;
  readonly outcome: ProviderAnswer | ProviderFailure;
  readonly latencyMs: number;
  /** Whether the caller has heard some of the answer: then it cannot be begun anew. */
  readonly wasHeard: boolean;
  /** Whether an administrator ended it. */
  readonly wasStopped: boolean;
}

interface Settled {
  readonly settled: EarlierAttempt;
}

/** The one way to a model: every attempt is reserved for and has its row before it is sent, and is settled after. */
@Injectable()
export class LlmGateway {
  private readonly logger = new Logger(LlmGateway.name);

  constructor(
    private readonly planner: CallPlanner,
    private readonly stop: EmergencyStop,
    private readonly admission: CallAdmission,
    private readonly reservations: CallReservations,
    private readonly sender: CallSender,
    private readonly settlement: CallSettlement,
  ) {}

  /**
   * While model calls are switched off a durable step waits; other calls are refused.
   * @throws Problem BUDGET_EXCEEDED, LLM_UPSTREAM, LLM_UNAVAILABLE, OVERLOADED, UNKNOWN_MODEL, MODEL_UNPRICED, VALIDATION_ERROR;
   * LlmAborted when a signal aborted; whatever the fence or `commit` throws
   */
  async call(call: LlmCall): Promise<LlmAnswer> {
    let plan = this.planner.plan(call);
    const known: string[] = [];
    let [retryCount, failures] = [0, 0];
    let endsAtMs = Infinity;
    for (;;) {
      throwIfAborted(call.signal);
      const leftMs = Math.max(Math.ceil(endsAtMs - performance.now()), 1);
      const timed = leftMs < plan.timeoutMs ? { ...plan, timeoutMs: leftMs } : plan;
      const attempt = await this.attempt(timed, known, retryCount);
      if (attempt === undefined) continue;
      if ('settled' in attempt) return answerFromRow(attempt.settled, plan);
      const { interactionId, outcome, latencyMs, wasStopped } = attempt;
      if (!(outcome instanceof ProviderFailure)) {
        const answer = answerFromProvider(outcome, plan, { interactionId, latencyMs, retryCount });
        await this.settlement.settle(plan, answer, outcome.requestId);
        return answer;
      }
      if (!wasStopped) failures += 1;
      // A switched off model takes no time.
      if (wasStopped) endsAtMs = Infinity;
      else if (endsAtMs === Infinity) endsAtMs = performance.now() - latencyMs + (call.wholeTimeoutMs ?? Infinity);
      if (!wasStopped) call.listener?.onFailed?.(latencyMs);
      plan = await this.endAttempt(plan, attempt, outcome, failures, endsAtMs);
      retryCount += 1;
    }
  }

  /** Puts in doubt what an executor that is gone had reserved and not settled. May be repeated. @returns how many calls */
  recoverReservations(executorId: string): Promise<number> {
    return this.reservations.recover(executorId);
  }

  /** Puts in doubt what nobody will settle though no executor was lost just now. May be repeated. */
  recoverLeftReservations(): Promise<void> {
    return this.reservations.recoverLeft();
  }

  /** @returns undefined when calls were switched off before this process heard of it: then it has heard now */
  private async attempt(plan: CallPlan, known: string[], retryCount: number): Promise<Sent | Settled | undefined> {
    const controller = new AbortController();
    const follow = (): void => controller.abort(plan.call.signal?.reason);
    plan.call.signal?.addEventListener('abort', follow, { once: true });
    // Before the reservation, or an order that came between the two would miss this call.
    const untrack = this.stop.track(controller);
    try {
      const admission = await this.admit(plan);
      if ('settled' in admission) return admission;
      try {
        const reserved = await this.reservations.open(plan, known, retryCount);
        if ('settled' in reserved) return reserved;
        known.push(reserved.interactionId);
        return await this.send(plan, admission, reserved.interactionId, controller);
      } catch (error) {
        if (!(error instanceof CallsDisabled)) throw error;
        await this.stop.lookAgain();
        return undefined;
      } finally {
        admission.leave();
      }
    } finally {
      untrack();
      plan.call.signal?.removeEventListener('abort', follow);
    }
  }

  /** A step that was settled before needs no place, and no provider that is up. */
  private async admit(plan: CallPlan): Promise<Admission | Settled> {
    const { idleSignal, signal = idleSignal } = plan.call;
    const settled = this.admission.isClosed(plan) ? await this.reservations.settledBefore(plan) : undefined;
    if (settled !== undefined) return { settled };
    try {
      return await this.admission.enter(plan, idleSignal ?? signal);
    } catch (refusal) {
      throwIfAborted(signal);
      throwIfAborted(idleSignal);
      throw refusal;
    }
  }

  private async send(
    plan: CallPlan,
    admission: Admission,
    interactionId: string,
    attempt: AbortController,
  ): Promise<Sent> {
    const { listener = {} } = plan.call;
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
    const outcome = await this.sender.send(plan, hearing, attempt);
    const latencyMs = Math.round(performance.now() - startedAt);
    return { interactionId, outcome, latencyMs, wasHeard, wasStopped: attempt.signal.reason === EMERGENCY_STOP };
  }

  /** Closes a failed attempt; returns when another one is due, with its plan, and throws what the caller gets otherwise. */
  private async endAttempt(
    plan: CallPlan,
    sent: Sent,
    failure: ProviderFailure,
    failures: number,
    endsAtMs: number,
  ): Promise<CallPlan> {
    const { interactionId, latencyMs, wasHeard, wasStopped } = sent;
    const { purpose, signal, idleSignal = signal } = plan.call;
    const problem = upstreamProblem(failure, interactionId, failures, Date.now());
    const errorCode = wasStopped ? 'STOPPED' : failure.endedByCaller ? 'ABORTED' : problem.code;
    await this.settlement.fail(plan, interactionId, failure, errorCode, latencyMs);
    throwIfAborted(signal);
    if (wasStopped && !wasHeard) return plan;
    const withoutThoughts = planWithoutThoughts(plan, failure);
    if (withoutThoughts !== undefined) {
      this.logger.warn(`${purpose} (${interactionId}) is asked without what its model thought: ${failure.message}`);
      return withoutThoughts;
    }
    const dueMs = wasHeard
      ? undefined
      : pauseBeforeRetryMs(failure, failures, plan.maxAttempts, Math.random(), Date.now());
    const pauseMs = dueMs !== undefined && performance.now() + dueMs < endsAtMs ? dueMs : undefined;
    const next = pauseMs === undefined ? 'given up' : `tried again in ${Math.round(pauseMs)} ms`;
    this.logger.warn(`Attempt ${failures} of ${purpose} (${interactionId}) failed, ${next}: ${failure.message}`);
    if (pauseMs === undefined) throw problem;
    await pause(pauseMs, idleSignal).catch(() => throwIfAborted(idleSignal));
    return plan;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LlmAborted(signal.reason);
}
