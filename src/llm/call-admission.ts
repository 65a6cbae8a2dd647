import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Problem } from '../http/problem.js';
import type { CallPlan } from './call-plan.js';
import { CircuitBreakers } from './guards/circuit-breakers.js';
import { EmergencyStop } from './guards/emergency-stop.js';
import { FairQueue, QueueTimeout } from '../waiting/fair-queue.js';
import { PrefixLeaders, type PrefixTurn } from './guards/prefix-leaders.js';

/** A call may be reserved for and sent. */
export interface Admission {
  /** To be told when the answer begins. */
  readonly started: () => void;
  /** Gives the place back, however the attempt ended. */
  readonly leave: () => void;
}

/**
 * What a call waits for before any money is reserved for it: that calls are allowed, a closed breaker, its turn to use a cached
 * beginning, a free place.
 */
@Injectable()
export class CallAdmission {
  private readonly prefixes = new PrefixLeaders();
  private readonly queues = new Map<string, FairQueue>();

  constructor(
    private readonly config: AppConfig,
    private readonly stop: EmergencyStop,
    private readonly breakers: CircuitBreakers,
  ) {}

  /** Whether something keeps every call of this kind from being sent. */
  isClosed({ provider, request }: CallPlan): boolean {
    return this.stop.isOn || this.breakers.isOpen(provider, request.model);
  }

  /**
   * While calls are switched off a durable step waits, and everybody else is refused.
   * @throws Problem LLM_UNAVAILABLE, OVERLOADED; the signal's reason when it aborts
   */
  async enter(plan: CallPlan, signal: AbortSignal | undefined): Promise<Admission> {
    const { request, provider, call } = plan;
    if (call.stepKey === undefined) this.stop.refuseIfOn();
    else await this.stop.untilOff(signal);
    this.breakers.refuseIfOpen(provider, request.model);
    const deadlineMs = performance.now() + plan.queueTimeoutMs;
    const turn = await this.prefixes.join(request, signal, plan.queueTimeoutMs);
    try {
      const key = call.attribution.workflowId ?? call.attribution.principalId;
      const restMs = Math.max(0, deadlineMs - performance.now());
      const leaveQueue = await this.queueOf(request.model).enter(key, restMs, signal);
      return admission(turn, leaveQueue);
    } catch (error) {
      turn.ended();
      throw error instanceof QueueTimeout ? overloaded(plan) : error;
    }
  }

  private queueOf(model: string): FairQueue {
    const queue = this.queues.get(model) ?? new FairQueue(this.config.llm.maxConcurrentCalls);
    this.queues.set(model, queue);
    return queue;
  }
}

const admission = (turn: PrefixTurn, leaveQueue: () => void): Admission => ({
  started: turn.started,
  leave: () => {
    turn.ended();
    leaveQueue();
  },
});

const overloaded = ({ request, queueTimeoutMs }: CallPlan): Problem =>
  new Problem(
    'OVERLOADED',
    `Too many calls of ${request.model} are under way; there was no place within ${queueTimeoutMs} ms.`,
    {
      retryAfterSeconds: Math.max(1, Math.ceil(queueTimeoutMs / 1000)),
    },
  );
