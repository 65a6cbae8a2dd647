import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { LlmGateway } from '../../llm/gateway.js';
import type { LlmAnswer, LlmCall } from '../../llm/llm-call.js';
import { ModelCatalog } from '../../llm/model-catalog.js';
import { Mailbox } from '../communications/mailbox.js';
import { modelFor } from '../planning/model-choice.rules.js';
import type { AgentPrompt } from '../planning/prompts.js';
import { expectedReuse, expectedReuseOfTurn, type AlikeCalls } from '../planning/reuse.rules.js';
import { earlierTurns } from './agent-limits.rules.js';
import type { PastTurn } from './agent-turn.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentFailure, AgentOutcome, AgentTask, WorkflowRun } from './workflow-run.js';

/** Room for a whole document or a plan of many subtasks. The worst case that is reserved grows with it. */
const MAX_ANSWER_TOKENS = 16_384;
const AGENT_TIMEOUT_MS = 300_000;
/** A workflow that others are served before is slow, not failed. */
const AGENT_QUEUE_TIMEOUT_MS = 3_600_000;

/** What an agent would need and does not get: then nothing is asked. */
export interface Unmet {
  readonly unmet: readonly string[];
}

export interface AgentCall extends AgentTask {
  /** Runs inside the step, so it may read rows. */
  readonly prompt: () => Promise<AgentPrompt | Unmet>;
  /** The workflow's calls that begin like this one, itself included; default: none does. */
  readonly alike?: AlikeCalls;
  /** A turn after the agent's first: its conversation is expected to go on. */
  readonly isContinued?: boolean;
  /** More rows that must stand before the call; written again when the step is entered again. */
  readonly prepare?: (tx: Transaction) => Promise<void>;
  /** The same, but after the agent's own row. */
  readonly started?: (tx: Transaction) => Promise<void>;
}

interface AskOptions<T> {
  readonly output?: LlmCall['output'];
  /** The agent's rows, in the transaction that settles its call. */
  readonly commit: (tx: Transaction, answer: LlmAnswer) => Promise<void>;
  /** What of the answer the run goes on with; kept as JSON in the step's checkpoint. */
  readonly result: (answer: LlmAnswer) => T;
}

/** An agent's model call as one durable step: paid once, its rows and events committed with reservation and settlement. */
@Injectable()
export class AgentCaller {
  constructor(
    private readonly durable: Durable,
    private readonly gateway: LlmGateway,
    private readonly catalog: ModelCatalog,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
    private readonly mailbox: Mailbox,
  ) {}

  /** A call that is the agent's whole work: the agent and its subtask end with it. */
  runToEnd<T>(run: WorkflowRun, call: AgentCall, result: AskOptions<T>['result']): Promise<T | Unmet | Problem> {
    return this.ask(run, call, {
      commit: (tx, answer) =>
        answer.fault === undefined
          ? this.tree.completeAgent(tx, run, call, answer)
          : this.tree.failAgent(tx, run, call, answer.fault, answer),
      result,
    });
  }

  /** One call. A `Problem` is a call that brought no answer; nothing of it stands in the tree yet. */
  async ask<T>(run: WorkflowRun, call: AgentCall, options: AskOptions<T>): Promise<T | Unmet | Problem> {
    try {
      const result = await this.durable.step(call.purpose, async ({ stepKey, signal, idleSignal, fence }) => {
        const given = await call.prompt();
        if ('unmet' in given) return given;
        const mail = await this.mailbox.open(run.workflowId, call.agentId, given);
        const { prompt } = mail;
        const model = run.settings.model ?? modelFor(taskOf(call), run.settings.optimizationFocus);
        const answer = await this.gateway.call({
          ...prompt,
          purpose: call.purpose,
          maxTokens: Math.min(MAX_ANSWER_TOKENS, this.catalog.resolve(model).model.maxOutputTokens),
          model,
          output: options.output,
          reuse: reuseOf(run, call, prompt),
          attribution: {
            principalId: run.principalId,
            workflowId: run.workflowId,
            thoughtId: call.thoughtId,
            agentId: call.agentId,
          },
          budget: { workflowIds: run.budgetIds, isAutonomous: run.isAutonomous },
          stepKey,
          signal,
          idleSignal,
          fence,
          timeoutMs: AGENT_TIMEOUT_MS,
          queueTimeoutMs: AGENT_QUEUE_TIMEOUT_MS,
          prepare: async (tx) => {
            await call.prepare?.(tx);
            await this.tree.startAgent(tx, run, call);
            await call.started?.(tx);
            await mail.deliver(tx);
          },
          commit: async (tx, answer) => {
            await options.commit(tx, answer);
            await mail.process(tx);
          },
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

  /** Writes into the tree that a call brought no answer. */
  async fail(
    run: WorkflowRun,
    task: AgentTask,
    problem: Problem,
    past: readonly PastTurn[] = [],
  ): Promise<AgentFailure> {
    const failure = { code: problem.code, message: problem.detail };
    await this.durable.commit(`${task.purpose}:failed`, (tx) =>
      this.tree.failAgent(tx, run, task, failure, undefined, earlierTurns(past)),
    );
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure };
  }
}

function reuseOf(run: WorkflowRun, { alike, isContinued }: AgentCall, { mustAnswer }: AgentPrompt): LlmCall['reuse'] {
  const { cachingStrategy } = run.settings;
  const goesOn = isContinued === true && mustAnswer !== true;
  return goesOn ? expectedReuseOfTurn(cachingStrategy, alike) : expectedReuse(cachingStrategy, alike);
}

/** By its purpose: the class of the synthesising agent is that of a subtask's too. */
const taskOf = ({ purpose, agentClass }: AgentTask): string => (purpose === 'synthesis' ? 'synthesis' : agentClass);

/** The outcome of an agent whose work was one answer. */
export const outcomeOf = ({ interactionId, fault }: LlmAnswer): AgentOutcome =>
  fault === undefined ? { ok: true, interactionId } : { ok: false, ...fault, interactionId };
