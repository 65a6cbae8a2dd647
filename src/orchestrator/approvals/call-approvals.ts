import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { EffectContext } from '../../durable/durable.types.js';
import type { ToolCall } from '../../llm/prompt-layout.js';
import type { CallQuestion } from '../../tools/run/call-judge.js';
import type { CallApproval } from '../../tools/tool-caller.js';
import { RunGate } from '../run/run-gate.js';
import type { AgentTask, WorkflowRun } from '../run/workflow-run.js';
import { Approvals } from './approvals.js';

/** Asks people whether a call of an agent may be run. */
@Injectable()
export class CallApprovals {
  constructor(
    private readonly approvals: Approvals,
    private readonly gate: RunGate,
  ) {}

  /** For the inside of a step. The answer holds for the hash of the question. */
  async ask(
    { workflowId }: WorkflowRun,
    { agentId, thoughtId }: AgentTask,
    { argumentsHash, risk, reason, call }: CallQuestion & { readonly call: ToolCall },
    context: EffectContext,
  ): Promise<CallApproval> {
    const stepKey = await this.gate.keyOf(workflowId, context.stepKey);
    return this.approvals.ask(
      {
        id: derivedId('approval', stepKey),
        workflowId,
        thoughtId,
        agentId,
        kind: 'tool_call',
        toolName: call.name,
        argumentsHash,
        // As they are: the model chooses the names, and would hide what it does behind one that sounds secret.
        parameters: call.input as Record<string, unknown>,
        risk,
        reason,
      },
      context,
    );
  }
}
