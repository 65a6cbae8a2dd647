import { Injectable } from '@nestjs/common';
import { Problem } from '../../http/problem.js';
import { LlmAborted } from '../../llm/llm-call.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { FairQueue, QueueTimeout } from '../../waiting/fair-queue.js';

/** Of an agent, for its place and then for its call's: a workflow that others are served before is slow, not failed. */
export const AGENT_QUEUE_TIMEOUT_MS = 3_600_000;

/** Whose step it is. */
interface Place {
  readonly workflowId: string;
  readonly agentId: string;
  /** Nobody asked for its workflow: people go first. */
  readonly isAutonomous: boolean;
}

interface Held {
  uses: number;
  readonly leave: Promise<() => void>;
}

/**
 * The places of the agents that work at once on this replica, over all workflows (`max_concurrent_agents`). An agent holds one while
 * a step of it runs, never between its steps: what waits for others must be a step of its own, or places would wait for places.
 */
@Injectable()
export class AgentPlaces {
  private readonly queue: FairQueue;
  /** By agent: the steps of one that run at once share its place. */
  private readonly held = new Map<string, Held>();

  constructor(settings: RuntimeSettings) {
    this.queue = new FairQueue(settings.maxConcurrentAgents);
    settings.onChange(() => this.queue.resize(settings.maxConcurrentAgents));
  }

  /**
   * Does the work of an agent's step when it is its workflow's turn; those of people's workflows have it before NYX's own.
   * @throws Problem OVERLOADED after an hour without a place; LlmAborted when `idleSignal` ends the wait
   */
  async within<T>(place: Place, idleSignal: AbortSignal, work: () => Promise<T>) {
    const held = this.held.get(place.agentId) ?? this.take(place, idleSignal);
    held.uses += 1;
    try {
      await held.leave;
      return await work();
    } finally {
      held.uses -= 1;
      if (held.uses === 0) await this.giveBack(place.agentId, held);
    }
  }

  private take({ workflowId, agentId, isAutonomous }: Place, idleSignal: AbortSignal): Held {
    const leave = this.queue
      .enter(workflowId, AGENT_QUEUE_TIMEOUT_MS, idleSignal, isAutonomous)
      .catch((error: unknown) => {
        if (idleSignal.aborted) throw new LlmAborted(idleSignal.reason);
        throw error instanceof QueueTimeout ? tooMany() : error;
      });
    const held = { uses: 0, leave };
    this.held.set(agentId, held);
    return held;
  }

  private async giveBack(agentId: string, held: Held): Promise<void> {
    if (this.held.get(agentId) === held) this.held.delete(agentId);
    const leave = await held.leave.catch(() => undefined);
    leave?.();
  }
}

const tooMany = (): Problem =>
  new Problem('OVERLOADED', `Too many agents are at work; there was no place within ${AGENT_QUEUE_TIMEOUT_MS} ms.`, {
    retryAfterSeconds: 60,
  });
