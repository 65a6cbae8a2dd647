import { Injectable } from '@nestjs/common';
import { derivedId, newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import type { ToolCall } from '../../llm/prompt-layout.js';
import { ExecutionLog } from '../../tools/executions/execution-log.js';
import type { ToolExecution } from '../../tools/tool-run.js';
import type { PlannedThought } from '../planning/planner.js';
import { MAX_CALLS_PER_TURN } from './agent-limits.rules.js';
import type { AskingTurn, CallOutcome } from './agent-turn.js';
import { fingerprint } from './loop-guard.rules.js';
import { RESULT_JOIN } from './run-reader.js';
import { readSpawn, refusalOf, SPAWN_SUBTASK, type SpawnRefusal } from './spawn.rules.js';
import { SPAWNED_SUBTASK, spawnedStep, spawnStep } from './step-names.js';
import { TreeWriter } from './tree-writer.js';
import { depthOf, type AgentTask, type WorkflowRun } from './workflow-run.js';

export interface SpawnedInput {
  readonly workflowId: string;
  /** That of the spawning agent's thought. */
  readonly run: WorkflowRun;
  readonly thought: PlannedThought;
}

/** Of an execution's duration, by its column: 24.8 days, which a workflow that was paused may have passed. */
const LONGEST_MS = 2 ** 31 - 1;

/** A call that asks for a subtask, as the checkpoint of its beginning keeps it. */
type Begun = { readonly index: number } & ({ readonly thought: PlannedThought } | { readonly refusal: SpawnRefusal });

interface EndRow {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly content: string | null;
  readonly duration_ms: number;
}

/** Has the subtasks done that an agent asks for: each a thought below its own, run by a durable child; the agent coordinates meanwhile. */
@Injectable()
export class Delegation {
  constructor(
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly executions: ExecutionLog,
    private readonly feed: EventFeed,
  ) {}

  /** The outcomes of a turn's calls that ask for a subtask, by their index. */
  async run(run: WorkflowRun, task: AgentTask, turn: AskingTurn): Promise<ReadonlyMap<number, CallOutcome>> {
    const indexes = turn.calls.slice(0, MAX_CALLS_PER_TURN).flatMap(({ isSpawn }, index) => (isSpawn ? [index] : []));
    if (indexes.length === 0) return new Map();
    const { interactionId } = turn;
    const begun = await this.durable.commit(spawnStep(task.purpose), (tx) =>
      this.begin(tx, run, task, interactionId, indexes),
    );
    this.feed.announce(run.workflowId);
    await this.children(
      { ...run, thoughtId: task.thoughtId, depth: depthOf(run, task.thoughtId) },
      begun.flatMap((each) => ('thought' in each ? [each.thought] : [])),
    );
    const outcomes = await this.durable.commit(spawnedStep(task.purpose), (tx) =>
      this.end(tx, run, task, interactionId, begun),
    );
    this.feed.announce(run.workflowId);
    return new Map(outcomes.map((outcome, at) => [begun[at]?.index ?? 0, outcome]));
  }

  /** Under the lock of the event stream, so that agents that spawn at once are counted one after the other. */
  private async begin(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    interactionId: string,
    indexes: readonly number[],
  ): Promise<Begun[]> {
    await tx.query('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [run.workflowId]);
    const calls = await callsOf(tx, interactionId);
    const [count] = await tx.query<{ spawned: number }>(
      `SELECT count(*)::int AS spawned FROM thought_trees WHERE root_id = $1 AND metadata->>'spawned_by' IS NOT NULL`,
      [run.workflowId],
    );
    let spawned = count?.spawned ?? 0;
    const begun: Begun[] = [];
    const thoughts = [];
    for (const index of indexes) {
      const request = readSpawn(calls[index]?.input);
      const asked = 'rule' in request ? request : (refusalOf(run, task.thoughtId, spawned) ?? request);
      if ('rule' in asked) {
        begun.push({ index, refusal: asked });
        continue;
      }
      const thoughtId = derivedId(interactionId, 'spawned', String(index));
      begun.push({ index, thought: { thoughtId, kind: asked.kind, dependencies: [] } });
      thoughts.push({ id: thoughtId, ...asked });
      spawned += 1;
    }
    if (thoughts.length > 0) await this.tree.spawnThoughts(tx, run, task, thoughts);
    return begun;
  }

  /**
   * As many at once as the run may have, each with its share of those; the agent that waits for them is not at work. Which starts next
   * is decided by the recorded order in which they end.
   */
  private async children(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<void> {
    const waiting = [...thoughts];
    const running = new Set<string>();
    const atOnce = Math.min(run.maxConcurrentAgents, thoughts.length);
    const maxConcurrentAgents = Math.floor(run.maxConcurrentAgents / Math.max(1, atOnce));
    while (waiting.length > 0 || running.size > 0) {
      const ready = waiting.splice(0, Math.max(0, atOnce - running.size));
      const children = ready.map((thought) => {
        const input: SpawnedInput = { workflowId: run.workflowId, run: { ...run, maxConcurrentAgents }, thought };
        return { id: derivedId(run.workflowId, 'spawned', thought.thoughtId), input };
      });
      for (const { id } of children) running.add(id);
      await this.durable.startChildren(SPAWNED_SUBTASK, children);
      running.delete(await this.durable.waitFirst([...running]));
    }
  }

  /** The calls get their rows, as those of any tool, and the agent its results. */
  private async end(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    interactionId: string,
    begun: readonly Begun[],
  ): Promise<CallOutcome[]> {
    const calls = await callsOf(tx, interactionId);
    const rows = await tx.query<EndRow>(
      `SELECT t.id, t.status, t.metadata->>'reason' AS reason, ${contentOf('i')} AS content,
              greatest(0, least(extract(epoch FROM now() - t.created_at) * 1000, ${LONGEST_MS}))::int AS duration_ms
         FROM thought_trees t ${RESULT_JOIN} WHERE t.id = ANY($1::uuid[])`,
      [begun.flatMap((each) => ('thought' in each ? [each.thought.thoughtId] : []))],
    );
    const [workflow] = await tx.query<{ retries: number }>('SELECT retries FROM workflows WHERE id = $1', [
      run.workflowId,
    ]);
    const outcomes: CallOutcome[] = [];
    for (const each of begun) {
      const row = 'thought' in each ? rows.find(({ id }) => id === each.thought.thoughtId) : undefined;
      // After a retry the row of what failed stays, and another one says what came of it then.
      const executionId = derivedId('tool', interactionId, String(each.index), String(workflow?.retries ?? 0));
      const execution = executionOf(executionId, 'refusal' in each ? each.refusal : undefined, row);
      await this.record(tx, run, task, execution, calls[each.index]);
      // Without the thought's id: the same result of another subtask is no news.
      const resultPrint = fingerprint(execution.status, row?.content, execution.errorMessage);
      // The time is that of others: it does not count as the agent's own.
      outcomes.push({ executionId, status: execution.status, workMs: 0, resultPrint });
    }
    if (rows.length > 0) await this.tree.endCoordination(tx, run, task);
    return outcomes;
  }

  private async record(
    tx: Transaction,
    run: WorkflowRun,
    task: AgentTask,
    execution: ToolExecution,
    call: ToolCall | undefined,
  ): Promise<void> {
    const { agentId, thoughtId } = task;
    const { workflowId, principalId, toolAllowance: allowance } = run;
    const { input = {} } = call ?? {};
    const request = {
      toolName: SPAWN_SUBTASK.name,
      parameters: input,
      caller: { kind: 'agent' as const, principalId, workflowId, agentId, thoughtId, allowance },
      signal: NEVER,
    };
    const recorded = {
      toolName: SPAWN_SUBTASK.name,
      toolClass: SPAWN_SUBTASK.name,
      // What is no request may be anything, also what nothing can store.
      parameters: execution.rule === 'invalid_parameters' ? undefined : (input as Record<string, unknown>),
      argumentsHash: undefined,
    };
    const claim = { executionId: execution.executionId, claimId: newId(), request, call: recorded };
    await this.executions.add(tx, claim, execution, execution.durationMs);
    this.tree.recordExecution(tx, run, task, execution);
  }
}

const NEVER = new AbortController().signal;

async function callsOf(sql: Sql, interactionId: string): Promise<readonly ToolCall[]> {
  const [row] = await sql.query<{ calls: readonly ToolCall[] | null }>(
    'SELECT tool_calls AS calls FROM llm_interactions WHERE id = $1',
    [interactionId],
  );
  return row?.calls ?? [];
}

function executionOf(executionId: string, refusal: SpawnRefusal | undefined, row: EndRow | undefined): ToolExecution {
  const base = { executionId, toolName: SPAWN_SUBTASK.name, durationMs: row?.duration_ms ?? 0, output: null };
  if (refusal !== undefined)
    return { ...base, status: 'refused', success: false, rule: refusal.rule, errorMessage: refusal.message };
  if (row?.status === 'completed' && row.content !== null)
    return { ...base, status: 'succeeded', success: true, output: { thought_id: row.id, result: row.content } };
  const errorMessage = `The subtask has no result. ${row?.reason ?? ''}`.trim();
  return { ...base, status: 'failed', success: false, errorMessage };
}
