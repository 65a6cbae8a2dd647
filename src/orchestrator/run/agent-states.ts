import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { isEnd, statusesBefore } from '../agents/agent-status.rules.js';
import type { AgentStatus } from '../agents/agent.values.js';
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
     AND status IN (${quoted(statusesBefore('terminated'))})`;

/** The one place that writes the status of an agent, with when it became what. Its callers announce it. */
@Injectable()
export class AgentStates {
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
    return spawned.length > 0;
  }

  /**
   * @param more members of `state` that change with it
   * @returns false, and nothing changed, when the agent is not in a status that `to` may follow
   */
  async change(tx: Sql, agentId: string, to: AgentStatus, more: object = {}): Promise<boolean> {
    const changed = await tx.query(
      `UPDATE agents SET status = $2::text, completed_at = CASE WHEN $3::boolean THEN now() END,
              state = state || $4::jsonb || ${withTransition('$2::text')}
        WHERE id = $1 AND status = ANY($5::text[]) RETURNING id`,
      [agentId, to, isEnd(to), storableJson(more), statusesBefore(to)],
    );
    return changed.length > 0;
  }

  /** Tries of an agent that brought nothing usable, so far. */
  async noteAttempts(tx: Sql, agentId: string, attempts: readonly object[]): Promise<void> {
    await tx.query(`UPDATE agents SET state = state || jsonb_build_object('attempts', $2::jsonb) WHERE id = $1`, [
      agentId,
      storableJson(attempts),
    ]);
  }
}
