import { isSeen } from './liveness.js';
import { STATUS } from './workflow-status.sql.js';

/** Workflows that have not ended, of a durable version that no replica which works has. */
export interface Stranded {
  readonly version: string;
  readonly workflows: number;
}

/** Asked for in two parts, because of the two there is an index each, and the engine's table holds years. */
const UNFINISHED = ["status IN ('ENQUEUED', 'PENDING')", "status = 'DELAYED'"]
  .map((which) => `SELECT application_version, parent_workflow_id FROM ${STATUS} WHERE ${which}`)
  .join(' UNION ALL ');

/** $1 the durable version of who asks. */
export const STRANDED = `
  SELECT w.application_version AS version, count(*)::int AS workflows FROM (${UNFINISHED}) w
   WHERE w.parent_workflow_id IS NULL AND w.application_version <> $1
     AND NOT EXISTS (SELECT FROM executors e
                      WHERE e.status = 'live' AND e.version = w.application_version AND e.roles LIKE '%worker%'
                        AND ${isSeen('e.last_beat_at')})
   GROUP BY 1 ORDER BY 1`;

/** What to do about it, in one sentence. @param rows at least one */
export function strandedSentence(rows: readonly Stranded[]): string {
  const counts = rows.map(({ version, workflows }) => `${workflows} of ${version}`).join(', ');
  return `Workflows wait that were begun by another durable version (${counts}), and no replica of it runs: start one of the release before beside this one until they have ended, or cancel them.`;
}
