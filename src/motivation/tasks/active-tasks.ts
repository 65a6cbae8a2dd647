import type { Sql } from '../../database/sql.js';
import { ACTIVE_TASK, type MotivationalTaskStatus } from './motivational-task.values.js';

/** A task whose end is still to come, and how far its workflow is. */
export interface ActiveTask {
  readonly id: string;
  readonly type: string;
  readonly status: MotivationalTaskStatus;
  /** Null: erased, and the task's end with it. */
  readonly workflowId: string | null;
  readonly isBegun: boolean;
  readonly isEnded: boolean;
  /** Since its workflow began; null: it has not. */
  readonly runningMs: number | null;
}

/** At most one a motivation, by the index that holds only them. */
export const activeTasks = (sql: Sql): Promise<ActiveTask[]> =>
  sql.query<ActiveTask>(
    `SELECT t.id, s.motivation_type AS type, t.status, t.thought_tree_id AS "workflowId", w.started_at IS NOT NULL AS "isBegun",
            w.id IS NULL OR w.completed_at IS NOT NULL AS "isEnded",
            extract(epoch FROM coalesce(w.completed_at, now()) - w.started_at)::float8 * 1000 AS "runningMs"
       FROM (SELECT id, motivational_state_id, status, thought_tree_id FROM motivational_tasks WHERE ${ACTIVE_TASK}) t
       JOIN motivational_states s ON s.id = t.motivational_state_id
       LEFT JOIN workflows w ON w.id = t.thought_tree_id
      ORDER BY t.id`,
  );
