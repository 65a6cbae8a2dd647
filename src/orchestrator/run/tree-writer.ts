import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import { EventLog, type NewEvent } from '../../events/event-log.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { ToolExecution } from '../../tools/tool-run.js';
import type { AgentType } from '../agents/agent.values.js';
import type { PlannedSubtask } from '../planning/plan.rules.js';
import { progressPercentage } from '../workflows/progress.rules.js';
import { shareDone } from '../workflows/progress.sql.js';
import type { EarlierTurns } from './agent-limits.rules.js';
import type { AgentTask, WorkflowRun } from './workflow-run.js';

export interface NewThought {
  readonly id: string;
  readonly dependencies: readonly string[];
  readonly subtask: PlannedSubtask;
}

export interface ThoughtEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly reason?: string;
  readonly code?: string;
  /** The interaction whose answer is its result; a failed one may have one too. */
  readonly resultFrom?: string;
}

/** The rows of a running workflow's tree, each change with its events. Every method belongs in a step's transaction. */
@Injectable()
export class TreeWriter {
  constructor(private readonly events: EventLog) {}

  /** Spawns the agent of a task, and with it starts its subtask. Does nothing when the agent is there already. */
  async startAgent(tx: Sql, run: WorkflowRun, task: AgentTask, before: readonly NewEvent[] = []): Promise<void> {
    const { agentId, thoughtId, agentType = 'task', agentClass, purpose } = task;
    const spawned = await tx.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status, spawned_by, context,
                           current_recursion_depth, max_recursion_depth)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id`,
      [agentId, thoughtId, agentType, agentClass, run.orchestratorId, { purpose }, run.depth, run.maxDepth],
    );
    if (spawned.length === 0) return;
    const isSubtask = thoughtId !== run.thoughtId;
    if (isSubtask) await this.startThought(tx, thoughtId);
    await this.events.append(tx, run.workflowId, [
      ...before,
      ...(isSubtask ? [thoughtStarted(thoughtId)] : []),
      agentSpawned(agentId, thoughtId, agentType, agentClass),
    ]);
  }

  /** The first rows of a run: its root thought, and the agent of a direct one. */
  async startRoot(tx: Sql, run: WorkflowRun, agent: AgentTask | undefined, more: readonly NewEvent[]): Promise<void> {
    await this.startThought(tx, run.workflowId);
    const events = [thoughtStarted(run.workflowId), ...more];
    await (agent === undefined
      ? this.events.append(tx, run.workflowId, events)
      : this.startAgent(tx, run, agent, events));
  }

  /** A model call that ended well or was answered in vain; called in the transaction that settles it. */
  async recordAnswer(tx: Sql, run: WorkflowRun, task: AgentTask, answer: LlmAnswer): Promise<void> {
    await this.events.append(tx, run.workflowId, [answeredEvent(task, answer)]);
  }

  /** An answer that asks for tools: the agent waits for them. */
  async awaitTools(tx: Sql, run: WorkflowRun, task: AgentTask, answer: LlmAnswer): Promise<void> {
    await tx.query(`UPDATE agents SET status = 'waiting' WHERE id = $1 AND status = 'active'`, [task.agentId]);
    await this.recordAnswer(tx, run, task, answer);
  }

  async resumeAgent(tx: Sql, { agentId }: AgentTask): Promise<void> {
    await tx.query(`UPDATE agents SET status = 'active' WHERE id = $1 AND status = 'waiting'`, [agentId]);
  }

  /** A tool's run that ended, in whatever way; called in the transaction that ends it. */
  async recordExecution(tx: Sql, run: WorkflowRun, task: AgentTask, execution: ToolExecution): Promise<void> {
    const { executionId, toolName, status, success, durationMs } = execution;
    await this.events.append(tx, run.workflowId, [
      {
        type: 'tool.completed',
        data: {
          execution_id: executionId,
          agent_id: task.agentId,
          thought_id: task.thoughtId,
          tool_name: toolName,
          status,
          success,
          duration_ms: durationMs,
        },
      },
    ]);
  }

  async completeAgent(
    tx: Sql,
    run: WorkflowRun,
    task: AgentTask,
    answer: LlmAnswer,
    earlier?: EarlierTurns & { readonly limit?: string },
  ): Promise<void> {
    await this.endAgent(tx, task, 'completed', {
      success: true,
      interaction_id: answer.interactionId,
      cost_usd: answer.costUsd.plus(earlier?.costUsd ?? 0).toNumber(),
      retries: answer.retryCount + (earlier?.retries ?? 0),
      ...turnsOf(earlier, 1),
      ...(earlier?.limit !== undefined && { limit: earlier.limit }),
    });
    await this.events.append(tx, run.workflowId, [
      answeredEvent(task, answer),
      { type: 'agent.completed', data: { agent_id: task.agentId, thought_id: task.thoughtId } },
      ...(await this.endThought(tx, run, task.thoughtId, { status: 'completed', resultFrom: answer.interactionId })),
    ]);
  }

  async failAgent(
    tx: Sql,
    run: WorkflowRun,
    task: AgentTask,
    failure: { code: string; message: string },
    answer?: LlmAnswer,
    earlier?: EarlierTurns,
  ): Promise<void> {
    await this.startAgent(tx, run, task);
    const costUsd = answer?.costUsd.plus(earlier?.costUsd ?? 0) ?? earlier?.costUsd;
    await this.endAgent(tx, task, 'failed', {
      success: false,
      error: { code: failure.code, message: failure.message },
      ...(answer && { interaction_id: answer.interactionId }),
      ...(costUsd !== undefined && (answer !== undefined || costUsd.gt(0)) && { cost_usd: costUsd.toNumber() }),
      ...turnsOf(earlier, answer === undefined ? 0 : 1),
    });
    await this.events.append(tx, run.workflowId, [
      ...(answer === undefined ? [] : [answeredEvent(task, answer)]),
      {
        type: 'agent.failed',
        data: { agent_id: task.agentId, thought_id: task.thoughtId, code: failure.code, message: failure.message },
      },
      ...(await this.endThought(tx, run, task.thoughtId, {
        status: 'failed',
        reason: failure.message,
        code: failure.code,
      })),
    ]);
  }

  /** A subtask that is not run because something it needs is missing. */
  async skipThought(tx: Sql, run: WorkflowRun, thoughtId: string, reason: string): Promise<void> {
    const end: ThoughtEnd = { status: 'cancelled', reason, code: 'DEPENDENCY_FAILED' };
    await this.events.append(tx, run.workflowId, await this.endThought(tx, run, thoughtId, end));
  }

  async planThoughts(tx: Sql, run: WorkflowRun, thoughts: readonly NewThought[]): Promise<void> {
    await tx.query(
      `INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, metadata)
       SELECT (t->>'id')::uuid, $1, $2, t->>'goal', $3, (t->>'position')::int, t->'metadata' FROM jsonb_array_elements($4::jsonb) t`,
      [
        run.thoughtId,
        run.workflowId,
        run.depth + 1,
        storableJson(
          thoughts.map(({ id, dependencies, subtask }, position) => ({
            id,
            goal: subtask.title,
            position,
            metadata: {
              plan_id: subtask.id,
              kind: subtask.kind,
              instructions: subtask.instructions,
              dependencies,
              ...(subtask.decompose === true && { decompose: true }),
            },
          })),
        ),
      ],
    );
    const isTop = run.depth === 0;
    if (isTop)
      await tx.query(`UPDATE workflows SET phase = 'executing', updated_at = now() WHERE id = $1`, [run.workflowId]);
    await this.events.append(tx, run.workflowId, [
      {
        type: 'workflow.planned',
        data: {
          thought_id: run.thoughtId,
          subtasks: thoughts.map(({ id, subtask }) => ({ thought_id: id, title: subtask.title, kind: subtask.kind })),
        },
      },
      ...(isTop
        ? [
            {
              type: 'workflow.progress' as const,
              data: { progress_percentage: progressPercentage('executing', 0, thoughts.length) },
            },
          ]
        : []),
    ]);
  }

  private async startThought(tx: Sql, thoughtId: string): Promise<void> {
    await tx.query(`UPDATE thought_trees SET status = 'in_progress', updated_at = now() WHERE id = $1`, [thoughtId]);
  }

  private async endAgent(tx: Sql, task: AgentTask, status: string, result: object): Promise<void> {
    await tx.query(
      `UPDATE agents SET status = $2, completed_at = now(), state = jsonb_build_object('result', $3::jsonb)
        WHERE id = $1 AND status NOT IN ('completed', 'failed')`,
      [task.agentId, status, storableJson(result)],
    );
  }

  /** A subtask that a sub-orchestrator takes on; its agents are those of the subtasks it plans. */
  async startSubtree(tx: Sql, run: WorkflowRun): Promise<void> {
    await this.startThought(tx, run.thoughtId);
    await this.events.append(tx, run.workflowId, [thoughtStarted(run.thoughtId)]);
  }

  /** Of a sub-orchestrator, whose parent's `run` this is. */
  async endSubtree(tx: Sql, run: WorkflowRun, thoughtId: string, end: ThoughtEnd): Promise<void> {
    await this.events.append(tx, run.workflowId, await this.endThought(tx, run, thoughtId, end));
  }

  /** Subtasks end with their agent; the thought of the orchestrator itself ends with what it makes of them. */
  private async endThought(
    tx: Sql,
    run: WorkflowRun,
    thoughtId: string,
    { status, reason, code, resultFrom }: ThoughtEnd,
  ): Promise<NewEvent[]> {
    if (thoughtId === run.thoughtId) return [];
    await tx.query(
      `UPDATE thought_trees SET status = $2, completed_at = now(), updated_at = now(),
              metadata = metadata || jsonb_strip_nulls(jsonb_build_object('reason', $3::text, 'code', $4::text, 'result_from', $5::text))
        WHERE id = $1`,
      [thoughtId, status, reason === undefined ? null : storableText(reason), code ?? null, resultFrom ?? null],
    );
    const progress = await this.progressOf(tx, run);
    return [
      {
        type: status === 'completed' ? 'thought.completed' : 'thought.failed',
        data: { thought_id: thoughtId, status, ...(reason !== undefined && { reason }) },
      },
      { type: 'workflow.progress', data: { progress_percentage: progress } },
    ];
  }

  /** Counted under the lock of the event stream, so that concurrent branches announce progress that never falls. */
  private async progressOf(tx: Sql, run: WorkflowRun): Promise<number> {
    await tx.query('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [run.workflowId]);
    const [row] = await tx.query<{ done: number | null }>(`SELECT ${shareDone('$1::uuid')} AS done`, [run.workflowId]);
    return progressPercentage('executing', row?.done ?? 0, 1);
  }
}

/** What an agent that used tools did; nothing for one that made one call. */
const turnsOf = (earlier: EarlierTurns | undefined, last: number): object =>
  earlier === undefined || earlier.turns === 0 ? {} : { turns: earlier.turns + last, tool_calls: earlier.toolCalls };

const thoughtStarted = (thoughtId: string): NewEvent => ({ type: 'thought.started', data: { thought_id: thoughtId } });

const agentSpawned = (agentId: string, thoughtId: string, agentType: AgentType, agentClass: string): NewEvent => ({
  type: 'agent.spawned',
  data: { agent_id: agentId, thought_id: thoughtId, agent_type: agentType, agent_class: agentClass },
});

const answeredEvent = (task: AgentTask, answer: LlmAnswer): NewEvent => ({
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
  },
});
