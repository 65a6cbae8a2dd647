import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import type { WorkflowStatus } from '../../orchestrator/workflows/workflow.values.js';
import type { Feedback, MotivationState, TaskEnd } from '../dynamics/dynamics.types.js';
import { feedbackOf } from '../dynamics/feedback.rules.js';
import { USUAL_SATISFACTION_CHANGE } from '../motivations/motivation.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';
import { lockState, saveStates } from '../states/state-rows.js';
import { ACTIVE_TASK } from './motivational-task.values.js';

/** Tells every replica the id of a task when it has ended. */
export const ENDED_TASKS_CHANNEL = 'nyx_motivational_outcomes';

interface LockedTask {
  readonly id: string;
  readonly type: string;
  readonly priority: number;
  readonly workflowId: string | null;
}

interface EndFacts extends Omit<TaskEnd, 'status' | 'costUsd' | 'maxCostUsd'> {
  readonly status: WorkflowStatus;
  readonly costUsd: string;
  readonly maxCostUsd: string | null;
  /** By the database. */
  readonly now: Date;
}

const END_FACTS = `
  SELECT w.status, w.max_cost_usd AS "maxCostUsd", now() AS now,
         extract(epoch FROM w.completed_at - w.started_at)::float8 * 1000 AS "durationMs",
         coalesce((SELECT spent_usd FROM budget_scopes WHERE kind = 'workflow' AND key = $1::uuid::text), 0) AS "costUsd",
         tally.agents, tally.failed AS "failedAgents"
    FROM workflows w
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS agents, count(*) FILTER (WHERE a.status = 'failed')::int AS failed
        FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id WHERE t.root_id = w.id) tally
   WHERE w.id = $1`;

/** What the end of a motivated workflow does to its task and its motivation, once. */
@Injectable()
export class TaskSettlement {
  constructor(
    private readonly database: Database,
    private readonly motivations: MotivationRegistry,
  ) {}

  /**
   * One transaction: the task leaves the active ones when its motivation has learned from it, so neither happens twice, whatever dies
   * and however many try. @returns false when it is not to be settled: it was, another does, or its workflow runs (again)
   */
  settle(taskId: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task === undefined) return false;
      return task.workflowId === null ? this.drop(tx, task) : this.learn(tx, task, task.workflowId);
    });
  }

  /** Nobody knows any more how it ended. */
  private async drop(tx: Transaction, { id }: LockedTask): Promise<boolean> {
    await tx.query(
      `WITH ended AS (UPDATE motivational_tasks SET status = 'cancelled', completed_at = now() WHERE id = $1 RETURNING id)
       SELECT pg_notify($2, id::text) FROM ended`,
      [id, ENDED_TASKS_CHANNEL],
    );
    return true;
  }

  private async learn(tx: Transaction, task: LockedTask, workflowId: string): Promise<boolean> {
    const [facts] = await tx.query<EndFacts>(END_FACTS, [workflowId]);
    const end = facts && endOf(facts);
    if (facts === undefined || end === undefined) return false;
    const state = await lockState(tx, task.type);
    if (state === undefined) throw new Error(`The motivation ${task.type} has no row.`);
    // A motivation that is not built in any more still has to be rid of its tasks.
    const change = this.motivations.find(task.type)?.satisfactionChange ?? USUAL_SATISFACTION_CHANGE;
    const feedback = feedbackOf(state, change, end, task.priority, facts.now);
    await saveStates(tx, [{ ...state, ...feedback.state }]);
    await tx.query(
      `WITH ended AS (UPDATE motivational_tasks t
          SET status = $2, started_at = w.started_at, completed_at = coalesce(w.completed_at, now()), success = $3, outcome_score = $4,
              outcome_category = $5, satisfaction_gain = $6, context = context || $7::jsonb
         FROM workflows w WHERE t.id = $1 AND w.id = t.thought_tree_id RETURNING t.id)
       SELECT pg_notify($8, id::text) FROM ended`,
      [
        task.id,
        end.status,
        feedback.category !== 'failure',
        feedback.outcomeScore,
        feedback.category,
        feedback.satisfactionGain,
        storableJson(learned(end, state, feedback)),
        ENDED_TASKS_CHANNEL,
      ],
    );
    return true;
  }
}

/** One that is not settled. Rows that another replica holds are its business. */
async function lockTask(tx: Transaction, taskId: string): Promise<LockedTask | undefined> {
  const [task] = await tx.query<LockedTask>(
    `SELECT id, task_priority AS priority, thought_tree_id AS "workflowId",
            (SELECT motivation_type FROM motivational_states s WHERE s.id = motivational_state_id) AS type
       FROM motivational_tasks WHERE id = $1 AND ${ACTIVE_TASK} FOR UPDATE SKIP LOCKED`,
    [taskId],
  );
  return task;
}

function endOf({ status, durationMs, costUsd, maxCostUsd, agents, failedAgents }: EndFacts): TaskEnd | undefined {
  if (status !== 'completed' && status !== 'failed' && status !== 'cancelled') return undefined;
  return {
    status,
    durationMs,
    costUsd: Number(costUsd),
    maxCostUsd: maxCostUsd === null ? null : Number(maxCostUsd),
    agents,
    failedAgents,
  };
}

/** Added to what the task knows of its beginning. */
const learned = (end: TaskEnd, before: MotivationState, { state: after }: Feedback) => ({
  outcome: {
    duration_ms: end.durationMs,
    cost_usd: end.costUsd,
    max_cost_usd: end.maxCostUsd,
    agents: end.agents,
    failed_agents: end.failedAgents,
  },
  feedback: {
    satisfaction: [before.satisfaction, after.satisfaction],
    boost_factor: [before.boostFactor, after.boostFactor],
    decay_rate: [before.decayRate, after.decayRate],
    success_rate: [before.successRate, after.successRate],
  },
});
