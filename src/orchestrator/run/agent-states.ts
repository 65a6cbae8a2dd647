import { Injectable } from '@nestjs/common';
import { afterCommit } from '../../database/after-commit.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Metrics } from '../../telemetry/metrics.js';
import { isEnd, statusesBefore } from '../agents/agent-status.rules.js';
import type { AgentStatus, AgentType } from '../agents/agent.values.js';
import { depthOf, type AgentTask, type WorkflowRun } from './workflow-run.js';

/** So many changes of an agent's status are kept, the latest. */
const KEPT_TRANSITIONS = 24;

const entry = (status: string): string => `jsonb_build_object('status', ${status}, 'at', now())`;

/** `state` with one more transition, and without the oldest when there are too many. */
export const withTransition = (status: string): string => `
  jsonb_build_object('transitions', CASE WHEN jsonb_array_length(coalesce(state->'transitions', '[]')) >= ${KEPT_TRANSITIONS}
    THEN (state->'transitions') - 0 ELSE coalesce(state->'transitions', '[]') END || ${entry(status)})`;

const quoted = (statuses: readonly AgentStatus[]): string => statuses.map((status) => `'${status}'`).join(', ');

/**
 * Ends all agents of a tree that have not ended, as an UPDATE for the inside of a WITH.
 * @param rootId what stands for the tree's root in the statement
 */
export const terminateAgentsOf = (rootId: string): string => `
  UPDATE agents SET status = 'terminated', completed_at = now(), state = state || ${withTransition("'terminated'")}
   WHERE thought_tree_id IN (SELECT id FROM thought_trees WHERE root_id = ${rootId})
     AND status IN (${quoted(statusesBefore('terminated'))}) RETURNING agent_type`;

/** The one place that writes the status of an agent, with when it became what. Its callers announce it. */
@Injectable()
export class AgentStates {
  constructor(private readonly metrics: Metrics) {}

  /** An agent begins to work as it is spawned. @returns false when it is there already */
  async spawn(tx: Sql, run: WorkflowRun, task: AgentTask): Promise<boolean> {
    const { agentId, thoughtId, agentType = 'task', agentClass, purpose } = task;
    const spawned = await tx.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status, spawned_by, context,
              current_recursion_depth, max_recursion_depth, state)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8,
              jsonb_build_object('transitions', jsonb_build_array(${entry("'spawned'")}, ${entry("'active'")})))
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        agentId,
        thoughtId,
        agentType,
        agentClass,
        run.orchestratorId,
        { purpose },
        depthOf(run, thoughtId),
        run.maxDepth,
      ],
    );
    if (spawned.length === 0) return false;
    afterCommit(tx, () => this.metrics.agents.spawned.inc({ type: agentType }));
    return true;
  }

  /**
   * @param more members of `state` that change with it
   * @returns false, and nothing changed, when the agent is not in a status that `to` may follow
   */
  async change(tx: Sql, agentId: string, to: AgentStatus, more: object = {}): Promise<boolean> {
    const [changed] = await tx.query<{ agent_type: AgentType }>(
      `UPDATE agents SET status = $2::text, completed_at = CASE WHEN $3::boolean THEN now() END,
              state = state || $4::jsonb || ${withTransition('$2::text')}
        WHERE id = $1 AND status = ANY($5::text[]) RETURNING agent_type`,
      [agentId, to, isEnd(to), storableJson(more), statusesBefore(to)],
    );
    if (changed === undefined) return false;
    if (isEnd(to)) this.noteEnd(tx, changed.agent_type, to);
    return true;
  }

  /** For statements that end agents by themselves. */
  noteEnd(tx: Sql, type: AgentType, status: AgentStatus): void {
    afterCommit(tx, () => this.metrics.agents.ended.inc({ type, status }));
  }

  /** Tries of an agent that brought nothing usable, so far. */
  async noteAttempts(tx: Sql, agentId: string, attempts: readonly object[]): Promise<void> {
    await tx.query(`UPDATE agents SET state = state || jsonb_build_object('attempts', $2::jsonb) WHERE id = $1`, [
      agentId,
      storableJson(attempts),
    ]);
  }
}
