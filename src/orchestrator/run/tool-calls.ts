import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import type { ToolCall } from '../../llm/prompt-layout.js';
import type { CallApproval, ToolAllowance, ToolCaller } from '../../tools/tool-caller.js';
import type { ToolExecution } from '../../tools/tool-run.js';
import { ToolRunner } from '../../tools/tool-runner.js';
import { allEnded } from '../../waiting/all-ended.js';
import { CallApprovals } from '../approvals/call-approvals.js';
import { batchesOf, MAX_CALLS_PER_TURN } from './agent-limits.rules.js';
import { AgentPlaces } from './agent-places.js';
import type { AskingTurn, CallOutcome } from './agent-turn.js';
import { fingerprint } from './loop-guard.rules.js';
import { ConversationReader } from './conversation-reader.js';
import { RunGate } from './run-gate.js';
import { approvalStep, toolStep } from './step-names.js';
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
    private readonly gate: RunGate,
    private readonly approvals: CallApprovals,
    private readonly places: AgentPlaces,
  ) {}

  /** Whether a person has to agree before the call is run. */
  needsApproval(run: WorkflowRun, task: AgentTask, { name, input }: Pick<ToolCall, 'name' | 'input'>): boolean {
    const caller = callerOf(run, task, run.toolAllowance);
    return this.runner.questionOf({ toolName: name, parameters: input, caller }) !== undefined;
  }

  /** One outcome for each call; those that ask for a subtask are not run here. What went wrong with a call is its outcome. */
  async run(
    run: WorkflowRun,
    task: AgentTask,
    turn: AskingTurn,
    allowance: ToolAllowance,
  ): Promise<readonly CallOutcome[]> {
    const answers = await this.ask(run, task, turn, allowance);
    const outcomes = new Map<number, CallOutcome>();
    for (const batch of batchesOf(turn.calls)) {
      const tools = batch.filter((index) => turn.calls[index]?.isSpawn !== true);
      const ended = await allEnded(
        tools.map((index) =>
          this.call(run, task, turn, index, { ...callerOf(run, task, allowance), approval: answers.get(index) }),
        ),
      );
      for (const [at, index] of tools.entries()) outcomes.set(index, ended[at] ?? { error: NOT_RUN });
      if (tools.length > 0) this.feed.announce(run.workflowId);
    }
    return turn.calls.map((_, index) => outcomes.get(index) ?? { error: NOT_RUN });
  }

  /** Asks about all calls of the turn that need it at once, and waits for all answers. */
  private async ask(
    run: WorkflowRun,
    task: AgentTask,
    { interactionId, calls }: AskingTurn,
    allowance: ToolAllowance,
  ): Promise<ReadonlyMap<number, CallApproval>> {
    const asking = calls.slice(0, MAX_CALLS_PER_TURN).flatMap(({ asks = false }, index) => (asks ? [index] : []));
    const answers = await allEnded(
      asking.map((index) =>
        this.durable.step(approvalStep(task.purpose, index + 1), async (context) => {
          const call = await this.conversation.toolCall(interactionId, index);
          const request = { toolName: call.name, parameters: call.input, caller: callerOf(run, task, allowance) };
          const question = this.runner.questionOf(request);
          // The tool went away meanwhile: its call will say so.
          if (question === undefined) return null;
          return this.approvals.ask(run, task, { ...question, call }, context);
        }),
      ),
    );
    return new Map(answers.flatMap((answer, at) => (answer === null ? [] : [[asking[at] ?? -1, answer] as const])));
  }

  /** Its step is begun before anything is awaited: steps are numbered in the order in which they begin. */
  private async call(
    run: WorkflowRun,
    task: AgentTask,
    { interactionId }: AskingTurn,
    index: number,
    caller: ToolCaller,
  ): Promise<CallOutcome> {
    try {
      return await this.durable.step(toolStep(task.purpose, index + 1), (context) =>
        this.gate.run(run.workflowId, context, async ({ stepKey, signal, idleSignal, fence, checkpoint }) => {
          const { name, input } = await this.conversation.toolCall(interactionId, index);
          const execution = await this.places.within({ ...run, ...task }, idleSignal, () =>
            this.runner.run({
              toolName: name,
              parameters: input,
              caller,
              executionId: derivedId('tool', stepKey),
              signal,
              fence,
              commit: async (tx, ended) => {
                this.tree.recordExecution(tx, run, task, ended);
                await checkpoint(tx, outcomeOf(ended));
              },
            }),
          );
          return outcomeOf(execution);
        }),
      );
    } catch (error) {
      if (error instanceof Problem) return { error: error.detail };
      throw error;
    }
  }
}

const callerOf = (
  { principalId, workflowId }: WorkflowRun,
  { agentId, thoughtId }: AgentTask,
  allowance: ToolAllowance,
): ToolCaller & { readonly kind: 'agent' } => ({
  kind: 'agent',
  principalId,
  workflowId,
  agentId,
  thoughtId,
  allowance,
});
const outcomeOf = (execution: ToolExecution): CallOutcome => ({
  executionId: execution.executionId,
  status: execution.status,
  workMs: execution.durationMs,
  resultPrint: resultPrint(execution),
});

const resultPrint = ({ status, output, stdout, stderr, exitCode, errorMessage }: ToolExecution): string =>
  fingerprint(status, output, stdout, stderr, exitCode, errorMessage);
