import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Sql } from '../../database/sql.js';
import { eventText, type NewEvent } from '../../events/event-data.js';
import { agentsAtOnce } from '../planning/run-limits.rules.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { adaptations, type Adaptation, type EarlyEnd, type Pace, type RunFacts } from './adaptation.rules.js';

interface FactsRow {
  readonly pace: Pace;
  /** The JSON text, to compare with. */
  readonly pace_text: string;
  readonly cost_share: number | null;
  readonly left_ms: number | null;
  readonly agents_ended: number;
  readonly agents_failed: number;
  readonly bottlenecks: readonly string[];
}

/**
 * One statement; each part goes by an index on the workflow. What is reserved does not count as cost: a reservation is the worst case, and
 * that of one call may be all that is left.
 */
const FACTS = `
  SELECT w.pace, w.pace::text AS pace_text,
         ((b.spent_usd + b.in_doubt_usd + $2::numeric) / nullif(coalesce(b.own_limit_usd, b.limit_usd), 0))::float8 AS cost_share,
         (extract(epoch FROM w.deadline_at - coalesce(w.clock_stopped_at, clock_timestamp())) * 1000)::float8 AS left_ms,
         agents.*, waits.*
    FROM workflows w
    LEFT JOIN budget_scopes b ON b.kind = 'workflow' AND b.key = $1::uuid::text
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE a.status IN ('completed', 'failed'))::int AS agents_ended,
             count(*) FILTER (WHERE a.status = 'failed')::int AS agents_failed
        FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id WHERE t.root_id = w.id) agents
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(t.goal ORDER BY t.depth, t.position), '{}') AS bottlenecks
        FROM thought_trees t
       WHERE t.root_id = w.id AND t.status = 'in_progress' AND EXISTS (
         SELECT FROM thought_trees later WHERE later.parent_id = t.parent_id AND later.status = 'pending'
            AND later.metadata->'dependencies' ? t.id::text)) waits
   WHERE w.id = $1`;

/** Looks at a running workflow whenever one of its subtasks ends, and changes how it goes on. */
@Injectable()
export class Adaptations {
  /**
   * What changes now is written, and announced by the events that are given back. Belongs in the transaction that ends the subtask, under
   * the lock of the event stream.
   * @param unsettledUsd what the call that ends it cost: it is settled last in that transaction
   */
  async observe(tx: Sql, run: WorkflowRun, unsettledUsd = new Decimal(0)): Promise<NewEvent[]> {
    const [row] = await tx.query<FactsRow>(FACTS, [run.workflowId, unsettledUsd.toFixed()]);
    if (row === undefined) throw new Error(`Workflow ${run.workflowId} has no row.`);
    const pace = { atOnce: agentsAtOnce(run.settings), ...row.pace };
    const found = adaptations(factsOf(row, run), pace, run.settings.maxConcurrentAgents);
    const last = found.at(-1);
    if (last === undefined) return [];
    // Never waited for: who has the workflow's row may wait for its event stream. The next end looks again.
    const free = await tx.query('SELECT id FROM workflows WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED', [
      run.workflowId,
    ]);
    if (free.length === 0) return [];
    const changed = await tx.query('UPDATE workflows SET pace = $2 WHERE id = $1 AND pace = $3::jsonb RETURNING id', [
      run.workflowId,
      last.pace,
      row.pace_text,
    ]);
    return changed.length === 0 ? [] : found.map(adapted);
  }

  /** No subtask is begun any more. @returns the event that says so; none when that was decided before */
  async endEarly(tx: Sql, workflowId: string, name: EarlyEnd, reason: string): Promise<NewEvent[]> {
    const changed = await tx.query(
      `UPDATE workflows SET pace = pace || jsonb_build_object('endsEarly', $2::text)
        WHERE id = $1 AND NOT pace ? 'endsEarly' RETURNING id`,
      [workflowId, name],
    );
    const actions = ['no more subtasks are started; the answer is made out of what there is'];
    return changed.length === 0 ? [] : [adapted({ name, reason, actions })];
  }

  /** Once in a workflow. @returns its agents, when nobody has claimed its review and it does not end early anyway */
  async claimReview(tx: Sql, workflowId: string): Promise<{ ended: number; failed: number } | undefined> {
    const [claimed] = await tx.query<{ ended: number; failed: number }>(
      `UPDATE workflows w SET pace = w.pace || '{"isReviewed": true}'
         FROM (SELECT count(*) FILTER (WHERE a.status IN ('completed', 'failed'))::int AS ended,
                      count(*) FILTER (WHERE a.status = 'failed')::int AS failed
                 FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id WHERE t.root_id = $1) agents
        WHERE w.id = $1 AND NOT w.pace ?| ARRAY['isReviewed', 'endsEarly'] RETURNING agents.ended, agents.failed`,
      [workflowId],
    );
    return claimed;
  }

  /** How a workflow runs on, as of now. */
  async pace(sql: Sql, workflowId: string): Promise<Pace> {
    const [row] = await sql.query<{ pace: Pace }>('SELECT pace FROM workflows WHERE id = $1', [workflowId]);
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    return row.pace;
  }
}

const factsOf = (row: FactsRow, { settings }: WorkflowRun): RunFacts => ({
  costShare: row.cost_share ?? undefined,
  timeShare: row.left_ms === null ? 0 : 1 - row.left_ms / (settings.maxExecutionTimeMinutes * 60_000),
  agentsEnded: row.agents_ended,
  agentsFailed: row.agents_failed,
  bottlenecks: row.bottlenecks,
});

const adapted = ({
  name,
  reason,
  actions,
}: {
  readonly name: Adaptation['name'] | EarlyEnd;
  readonly reason: string;
  readonly actions: readonly string[];
}): NewEvent => ({
  type: 'workflow.progress',
  data: { adaptation: { name, reason: eventText(reason), actions } },
});
