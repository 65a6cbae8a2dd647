import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import type { ToolAllowance } from '../../tools/tool-caller.js';
import { ToolRunner } from '../../tools/tool-runner.js';
import { batchesOf, MAX_CALLS_PER_TURN } from './agent-limits.rules.js';
import type { AskingTurn, CallOutcome } from './agent-turn.js';
import { ConversationReader } from './conversation-reader.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentTask, WorkflowRun } from './workflow-run.js';

const NOT_RUN = `Not run: at most ${MAX_CALLS_PER_TURN} calls of one turn are.`;

/** Runs what a model asks for, each call as a durable step of its own: none acts twice, and none that ended is run again. */
@Injectable()
export class ToolCalls {
  constructor(
    private readonly durable: Durable,
    private readonly runner: ToolRunner,
    private readonly conversation: ConversationReader,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  /** One outcome for each call. What went wrong with a call is its outcome. */
  async run(
    run: WorkflowRun,
    task: AgentTask,
    turn: AskingTurn,
    allowance: ToolAllowance,
  ): Promise<readonly CallOutcome[]> {
    const outcomes: CallOutcome[] = [];
    for (const batch of batchesOf(turn.calls)) {
      outcomes.push(...(await allEnded(batch.map((index) => this.call(run, task, turn, index, allowance)))));
      this.feed.announce(run.workflowId);
    }
    return [...outcomes, ...turn.calls.slice(outcomes.length).map(() => ({ error: NOT_RUN }))];
  }

  /** Its step is begun before anything is awaited: steps are numbered in the order in which they begin. */
  private async call(
    run: WorkflowRun,
    task: AgentTask,
    { interactionId }: AskingTurn,
    index: number,
    allowance: ToolAllowance,
  ): Promise<CallOutcome> {
    const { agentId, thoughtId } = task;
    const { workflowId, principalId } = run;
    try {
      return await this.durable.step(`${task.purpose}:tool-${index + 1}`, async ({ stepKey, signal, fence }) => {
        const { name, input } = await this.conversation.toolCall(interactionId, index);
        const { executionId, status, durationMs } = await this.runner.run({
          toolName: name,
          parameters: input,
          caller: { kind: 'agent', principalId, workflowId, agentId, thoughtId, allowance },
          executionId: derivedId('tool', stepKey),
          signal,
          fence,
          commit: (tx, execution) => this.tree.recordExecution(tx, run, task, execution),
        });
        return { executionId, status, workMs: durationMs };
      });
    } catch (error) {
      if (error instanceof Problem) return { error: error.detail };
      throw error;
    }
  }
}

/** All of them, also when one fails: a step that has begun must not outlive what waits for it. */
async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
