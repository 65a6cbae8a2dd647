import type { Sql } from '../../database/sql.js';
import { MOST_NEWS, type NewsKind } from './news.js';

interface MissedRow {
  readonly kind: NewsKind;
  readonly key: string;
}

/** The newest of each kind, oldest first; each part goes by an index on its time, but for the few motivations. */
const MISSED = `
  SELECT kind, key FROM (
    (SELECT 'evaluated' AS kind, id::text AS key, evaluated_at AS at FROM motivation_decisions
      WHERE evaluated_at > clock_timestamp() - make_interval(secs => $1) ORDER BY evaluated_at DESC LIMIT $2)
    UNION ALL
    (SELECT 'task.spawned', id::text, spawned_at FROM motivational_tasks
      WHERE spawned_at > clock_timestamp() - make_interval(secs => $1) ORDER BY spawned_at DESC LIMIT $2)
    UNION ALL
    (SELECT 'task.completed', id::text, completed_at FROM motivational_tasks
      WHERE completed_at > clock_timestamp() - make_interval(secs => $1) ORDER BY completed_at DESC LIMIT $2)
    UNION ALL
    (SELECT 'state.changed', motivation_type, updated_at FROM motivational_states
      WHERE updated_at > clock_timestamp() - make_interval(secs => $1) ORDER BY updated_at DESC LIMIT $2)
  ) missed ORDER BY at`;

/** What may have been committed in the last `seconds`, at most 200 rows of each kind. */
export const missedRows = (sql: Sql, seconds: number): Promise<MissedRow[]> =>
  sql.query<MissedRow>(MISSED, [seconds, MOST_NEWS]);
