import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { LlmGateway } from '../../llm/gateway.js';
import type { LlmAnswer, LlmCall } from '../../llm/llm-call.js';
import type { PromptPair } from '../planning/prompts.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentOutcome, AgentTask, WorkflowRun } from './workflow-run.js';

export interface AgentCall extends AgentTask {
  /** Runs inside the step, so it may read rows. */
  readonly prompt: () => Promise<PromptPair>;
}

/** An agent's model call as one durable step: paid once, its rows and events committed with the settlement. */
@Injectable()
export class AgentCaller {
  constructor(
    private readonly durable: Durable,
    private readonly gateway: LlmGateway,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  /** One call that is the agent's whole work: the agent and its thought end with it. */
  async runToEnd(run: WorkflowRun, call: AgentCall): Promise<AgentOutcome> {
    const outcome = await this.ask(run, call, {
      commit: (tx, answer) =>
        answer.fault === undefined
          ? this.tree.completeAgent(tx, run, call, answer)
          : this.tree.failAgent(tx, run, call, answer.fault, answer),
      result: (answer): AgentOutcome =>
        answer.fault === undefined ? { ok: true, interactionId: answer.interactionId } : { ok: false, ...answer.fault },
    });
    return outcome instanceof Problem ? this.fail(run, call, outcome) : outcome;
  }

  /** One call; its answer is handed to `result`, whose JSON is kept as the step's result. A call that got no answer is a `Problem`. */
  async ask<T>(
    run: WorkflowRun,
    call: AgentCall,
    options: {
      readonly output?: LlmCall['output'];
      readonly commit: (tx: Transaction, answer: LlmAnswer) => Promise<void>;
      readonly result: (answer: LlmAnswer) => T;
    },
  ): Promise<T | Problem> {
    try {
      const result = await this.durable.step(call.purpose, async ({ stepKey, signal, fence }) => {
        const answer = await this.gateway.call({
          ...(await call.prompt()),
          purpose: call.purpose,
          model: run.model,
          output: options.output,
          attribution: {
            principalId: run.principalId,
            workflowId: run.workflowId,
            thoughtId: call.thoughtId,
            agentId: call.agentId,
          },
          budget: { workflowId: run.workflowId },
          stepKey,
          signal,
          fence,
          commit: (tx, answer) => options.commit(tx, answer),
        });
        return options.result(answer);
      });
      this.feed.announce(run.workflowId);
      return result;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  async fail(run: WorkflowRun, task: AgentTask, problem: Problem): Promise<AgentOutcome> {
    const failure = { code: problem.code, message: problem.detail };
    await this.durable.commit(`${task.purpose}:failed`, (tx) => this.tree.failAgent(tx, run, task, failure));
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure };
  }
}
