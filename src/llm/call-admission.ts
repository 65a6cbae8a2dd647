import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Problem } from '../http/problem.js';
import type { CallPlan } from './call-plan.js';
import { CircuitBreakers } from './guards/circuit-breakers.js';
import { FairQueue, QueueTimeout } from './guards/fair-queue.js';
import { PrefixLeaders, type PrefixTurn } from './guards/prefix-leaders.js';

/** A call may be reserved for and sent. */
export interface Admission {
  /** To be told when the answer begins. */
  readonly started: () => void;
  /** Gives the place back, however the attempt ended. */
  readonly leave: () => void;
}

/** What a call waits for before any money is reserved for it: a closed breaker, its turn to use a cached beginning, a free place. */
@Injectable()
export class CallAdmission {
  private readonly prefixes = new PrefixLeaders();
  private readonly queues = new Map<string, FairQueue>();

  constructor(
    private readonly config: AppConfig,
    private readonly breakers: CircuitBreakers,
  ) {}

  /** @throws Problem LLM_UNAVAILABLE, OVERLOADED; the signal's reason when it aborts */
  async enter(plan: CallPlan, signal: AbortSignal | undefined): Promise<Admission> {
    const { request, provider, call } = plan;
    this.breakers.refuseIfOpen(provider, request.model);
    const turn = await this.prefixes.join(request, signal);
    try {
      const key = call.attribution.workflowId ?? call.attribution.principalId;
      const leaveQueue = await this.queueOf(request.model).enter(key, plan.queueTimeoutMs, signal);
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
