import { eventText, type NewEvent } from '../../events/event-data.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { AgentStatus, AgentType } from '../agents/agent.values.js';
import type { ApprovalKind, ApprovalStatus } from '../approvals/approval.values.js';
import type { TaskKind } from '../planning/plan.rules.js';
import type { AgentTask } from './workflow-run.js';

export const thoughtStarted = (thoughtId: string): NewEvent => ({
  type: 'thought.started',
  data: { thought_id: thoughtId },
});

/** As the plan of a workflow is announced. */
export const plannedThought = (id: string, { title, kind }: { readonly title: string; readonly kind: TaskKind }) => ({
  thought_id: id,
  title: eventText(title),
  kind,
});

export const thoughtEnded = (
  thoughtId: string,
  status: 'completed' | 'failed' | 'cancelled',
  reason: string | undefined,
): NewEvent =>
  status === 'completed'
    ? { type: 'thought.completed', data: { thought_id: thoughtId, status } }
    : {
        type: 'thought.failed',
        data: { thought_id: thoughtId, status, ...(reason !== undefined && { reason: eventText(reason) }) },
      };

/** @param answer `status` expired: nobody has answered */
export const approvalAnswered = (answer: {
  readonly approval_id: string;
  readonly kind: ApprovalKind;
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly answered_by?: string;
}): NewEvent => ({ type: 'approval.answered', data: answer });

export const agentSpawned = (
  agentId: string,
  thoughtId: string,
  agentType: AgentType,
  agentClass: string,
): NewEvent => ({
  type: 'agent.spawned',
  data: { agent_id: agentId, thought_id: thoughtId, agent_type: agentType, agent_class: agentClass },
});

export const agentCompleted = ({ agentId, thoughtId, progressAfter }: AgentTask): NewEvent[] => [
  { type: 'agent.completed', data: { agent_id: agentId, thought_id: thoughtId } },
  ...(progressAfter === undefined
    ? []
    : [{ type: 'workflow.progress' as const, data: { progress_percentage: progressAfter } }]),
];

/** `status`: what the agent is from then on; unset: it works on, or ends with an event of its own. */
export const answeredEvent = (task: AgentTask, answer: LlmAnswer, status?: AgentStatus): NewEvent => ({
  type: 'llm.completed',
  data: {
    interaction_id: answer.interactionId,
    agent_id: task.agentId,
    thought_id: task.thoughtId,
    purpose: task.purpose,
    model: answer.model,
    provider: answer.provider,
    input_tokens: answer.usage.inputTokens,
    output_tokens: answer.usage.outputTokens,
    cost_usd: answer.costUsd.toNumber(),
    latency_ms: answer.latencyMs,
    ...(status !== undefined && { agent_status: status }),
  },
});
