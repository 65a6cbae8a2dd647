import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import { eventText, type NewEvent } from '../../events/event-data.js';
import { EventLog } from '../../events/event-log.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { ToolExecution } from '../../tools/tool-run.js';
import { Adaptations } from '../adaptation/adaptations.js';
import { shownTry, type FailedTry } from './agent-attempts.rules.js';
import { earlierTurns, type EarlierTurns } from './agent-limits.rules.js';
import { resultOf, spentOf, turnsOf } from './agent-result.rules.js';
import { AgentStates } from './agent-states.js';
import { leastWeight, progressAt, progressOfWork, weightOf } from './progress.rules.js';
import { shareDone } from './progress.sql.js';
import {
  agentCompleted,
  agentSpawned,
  answeredEvent,
  plannedThought,
  thoughtEnded,
  thoughtStarted,
} from './tree-events.js';
import type { AgentEnd, NewThought, SpawnedThought, ThoughtEnd } from './tree-writer.types.js';
import { depthOf, type AgentTask, type WorkflowRun } from './workflow-run.js';

/** The rows of a running workflow's tree, each change with its events. Every method belongs in a step's transaction. */
@Injectable()
export class TreeWriter {
  constructor(
    private readonly events: EventLog,
    private readonly states: AgentStates,
    private readonly adaptations: Adaptations,
  ) {}

  /** Spawns the agent of a task, and with it starts its subtask. Does nothing when the agent is there already. */
  async startAgent(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    before: readonly NewEvent[] = [],
  ): Promise<void> {
    if (!(await this.states.spawn(tx, run, task))) return;
    const { agentId, thoughtId, agentType = 'task', agentClass } = task;
    const isSubtask = thoughtId !== run.thoughtId;
    if (isSubtask) this.startThought(tx, thoughtId);
    this.events.append(tx, run.workflowId, [
      ...before,
      ...(isSubtask ? [thoughtStarted(thoughtId)] : []),
      agentSpawned(agentId, thoughtId, agentType, agentClass),
    ]);
  }

  /** The first rows of a run: its root thought, and the agent of a direct one. */
  async startRoot(
    tx: Transaction,
    run: WorkflowRun,
    agent: AgentTask | undefined,
    more: readonly NewEvent[],
  ): Promise<void> {
    this.startThought(tx, run.workflowId);
    const events = [thoughtStarted(run.workflowId), ...more];
    if (agent === undefined) this.events.append(tx, run.workflowId, events);
    else await this.startAgent(tx, run, agent, events);
  }

  /** A model call that ended well or was answered in vain; called in the transaction that settles it. */
  recordAnswer(tx: Transaction, run: WorkflowRun, task: AgentTask, answer: LlmAnswer): void {
    this.events.append(tx, run.workflowId, [answeredEvent(task, answer)]);
  }

  /** An answer that asks for tools: the agent waits for them. */
  async awaitTools(tx: Transaction, run: WorkflowRun, task: AgentTask, answer: LlmAnswer): Promise<void> {
    const isWaiting = await this.states.change(tx, task.agentId, 'waiting');
    this.events.append(tx, run.workflowId, [answeredEvent(task, answer, isWaiting ? 'waiting' : undefined)]);
  }

  /** Back to its model, with the tries before that brought nothing. The `llm.completed` that follows says that it is active. */
  async resumeAgent(tx: Transaction, { agentId }: AgentTask, failedTries: readonly FailedTry[] = []): Promise<void> {
    await this.states.change(tx, agentId, 'active');
    if (failedTries.length > 0) await this.states.noteAttempts(tx, agentId, failedTries.map(shownTry));
  }

  /** A tool's run that ended, in whatever way; called in the transaction that ends it. */
  recordExecution(tx: Transaction, run: WorkflowRun, task: AgentTask, execution: ToolExecution): void {
    const { executionId, toolName, status, success, durationMs } = execution;
    this.events.append(tx, run.workflowId, [
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
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    answer: LlmAnswer,
    earlier: EarlierTurns & { readonly limit?: string; readonly mistake?: string } = earlierTurns([]),
  ): Promise<void> {
    const [isFirst, ended] = await Promise.all([
      this.endAgent(tx, task, 'completed', earlier, {
        success: true,
        ...resultOf(answer, earlier),
        ...turnsOf(earlier, 1),
        ...(earlier.limit !== undefined && { limit: earlier.limit }),
        ...(earlier.mistake !== undefined && { warnings: [earlier.mistake] }),
      }),
      this.endThought(tx, run, task.thoughtId, {
        status: 'completed',
        resultFrom: answer.interactionId,
        unsettledUsd: answer.costUsd,
      }),
    ]);
    const completed = isFirst ? agentCompleted(task) : [];
    this.events.append(tx, run.workflowId, [answeredEvent(task, answer), ...completed, ...ended]);
  }

  async failAgent(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    { failure, answer, past, failedTries }: AgentEnd,
  ): Promise<void> {
    await this.startAgent(tx, run, task);
    const earlier = earlierTurns(past ?? [], failedTries);
    const error = { code: failure.code, message: failure.message };
    const isFirst = await this.endAgent(tx, task, 'failed', earlier, {
      success: false,
      error,
      ...(answer === undefined ? spentOf(earlier) : resultOf(answer, earlier)),
      ...turnsOf(earlier, answer === undefined ? 0 : 1),
    });
    this.events.append(tx, run.workflowId, [
      ...(answer === undefined ? [] : [answeredEvent(task, answer)]),
      ...(isFirst
        ? [
            {
              type: 'agent.failed' as const,
              data: {
                agent_id: task.agentId,
                thought_id: task.thoughtId,
                code: failure.code,
                message: eventText(failure.message),
              },
            },
          ]
        : []),
      ...(task.leavesThought === true
        ? []
        : await this.endThought(tx, run, task.thoughtId, {
            status: 'failed',
            reason: failure.message,
            code: failure.code,
          })),
    ]);
  }

  /** A subtask that is not run because something it needs is missing. */
  async skipThought(
    tx: Transaction,
    run: WorkflowRun,
    thoughtId: string,
    { code, message }: { readonly code: string; readonly message: string },
  ): Promise<void> {
    const end: ThoughtEnd = { status: 'cancelled', reason: message, code };
    this.events.append(tx, run.workflowId, await this.endThought(tx, run, thoughtId, end));
  }

  planThoughts(tx: Transaction, run: WorkflowRun, thoughts: readonly NewThought[]): void {
    tx.send(
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
              ...(subtask.decompose === true && { decompose: true, weight: weightOf(subtask) }),
            },
          })),
        ),
      ],
    );
    const isTop = run.depth === 0;
    if (isTop) tx.send(`UPDATE workflows SET phase = 'executing', updated_at = now() WHERE id = $1`, [run.workflowId]);
    this.events.append(tx, run.workflowId, [
      {
        type: 'workflow.planned',
        data: {
          thought_id: run.thoughtId,
          subtasks: thoughts.map(({ id, subtask }) => plannedThought(id, subtask)),
        },
      },
      ...(isTop
        ? [
            {
              type: 'workflow.progress' as const,
              data: { progress_percentage: progressAt('executing') },
            },
          ]
        : []),
    ]);
  }

  /** Subtasks below an agent's thought, which the agent coordinates until they have ended. */
  async spawnThoughts(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    thoughts: readonly SpawnedThought[],
  ): Promise<void> {
    const { agentId, thoughtId } = task;
    tx.send(
      `INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, metadata)
       SELECT (t->>'id')::uuid, $1, $2, t->>'title', $3,
              (SELECT count(*)::int FROM thought_trees WHERE parent_id = $1) + (row_number() OVER ())::int - 1,
              jsonb_build_object('kind', t->'kind', 'instructions', t->'instructions', 'dependencies', '[]'::jsonb, 'spawned_by', $5::text)
         FROM jsonb_array_elements($4::jsonb) t`,
      [thoughtId, run.workflowId, depthOf(run, thoughtId) + 1, storableJson(thoughts), agentId],
    );
    await this.states.change(tx, agentId, 'coordinating');
    const subtasks = thoughts.map((thought) => plannedThought(thought.id, thought));
    this.events.append(tx, run.workflowId, [
      { type: 'workflow.planned', data: { thought_id: thoughtId, spawned_by: agentId, subtasks } },
      { type: 'workflow.progress', data: { agent_id: agentId, agent_status: 'coordinating' } },
    ]);
  }

  async endCoordination(tx: Transaction, run: WorkflowRun, { agentId }: AgentTask): Promise<void> {
    await this.states.change(tx, agentId, 'waiting');
    this.events.append(tx, run.workflowId, [
      { type: 'workflow.progress', data: { agent_id: agentId, agent_status: 'waiting' } },
    ]);
  }

  private startThought(tx: Transaction, thoughtId: string): void {
    tx.send(`UPDATE thought_trees SET status = 'in_progress', updated_at = now() WHERE id = $1`, [thoughtId]);
  }

  private endAgent(
    tx: Transaction,
    { agentId }: AgentTask,
    status: 'completed' | 'failed',
    { failedTries }: EarlierTurns,
    result: object,
  ): Promise<boolean> {
    const attempts = failedTries.length === 0 ? {} : { attempts: failedTries.map(shownTry) };
    return this.states.change(tx, agentId, status, { ...attempts, result });
  }

  /** A subtask that a sub-orchestrator takes on; its agents are those of the subtasks it plans. */
  startSubtree(tx: Transaction, run: WorkflowRun): void {
    this.startThought(tx, run.thoughtId);
    this.events.append(tx, run.workflowId, [thoughtStarted(run.thoughtId)]);
  }

  /** What was made for a subtask that failed; it is its result as long as there is no better one. */
  keepResult(tx: Transaction, thoughtId: string, resultFrom: string): void {
    tx.send(
      `UPDATE thought_trees SET metadata = metadata || jsonb_build_object('result_from', $2::text) WHERE id = $1`,
      [thoughtId, resultFrom],
    );
  }

  /** The end of a subtask that is not that of its agent: `run` is of the orchestrator that planned it. */
  async closeThought(
    tx: Transaction,
    run: WorkflowRun,
    thoughtId: string,
    end: ThoughtEnd,
    more: readonly NewEvent[] = [],
  ): Promise<void> {
    this.events.append(tx, run.workflowId, [...(await this.endThought(tx, run, thoughtId, end)), ...more]);
  }

  /** Subtasks end with their agent; the thought of the orchestrator itself ends with what it makes of them. */
  private async endThought(
    tx: Transaction,
    run: WorkflowRun,
    thoughtId: string,
    { status, reason, code, resultFrom, isDispensable, unsettledUsd }: ThoughtEnd,
  ): Promise<NewEvent[]> {
    if (thoughtId === run.thoughtId) return [];
    tx.send(
      `UPDATE thought_trees SET status = $2, completed_at = now(), updated_at = now(),
              metadata = metadata || jsonb_strip_nulls(jsonb_build_object(
                'reason', $3::text, 'code', $4::text, 'result_from', $5::text, 'dispensable', $6::boolean))
        WHERE id = $1`,
      [
        thoughtId,
        status,
        reason === undefined ? null : storableText(reason),
        code ?? null,
        resultFrom ?? null,
        isDispensable ?? null,
      ],
    );
    // Under the lock of the event stream: of two branches that end at once the later one counts both.
    tx.send('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [run.workflowId]);
    const [progress, adapted] = await Promise.all([
      this.progressOf(tx, run),
      this.adaptations.observe(tx, run, unsettledUsd),
    ]);
    return [
      thoughtEnded(thoughtId, status, reason),
      { type: 'workflow.progress', data: { progress_percentage: progress } },
      ...adapted,
    ];
  }

  private async progressOf(tx: Transaction, run: WorkflowRun): Promise<number> {
    const [row] = await tx.query<{ done: number | null }>(`SELECT ${shareDone('$1::uuid', '$2')} AS done`, [
      run.workflowId,
      leastWeight(run.strategy),
    ]);
    return progressOfWork(row?.done ?? 0);
  }
}
