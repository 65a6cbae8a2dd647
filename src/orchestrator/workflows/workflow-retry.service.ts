import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { Rewind } from '../../durable/rewind.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { notFound, Problem } from '../../http/problem.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { BudgetShares } from '../strategies/budget-shares.js';
import { COMPLEXITY, MEMORY, PLAN } from '../run/step-names.js';
import type { WorkflowChange } from './dto/workflow-answers.dto.js';
import { cutsOf, warningsLeft } from './retry.rules.js';
import type { Reply } from './reply.js';
import type { WorkflowStatus } from './workflow.values.js';

interface State extends ReadableRequest {
  readonly status: WorkflowStatus;
  readonly error_code: string | null;
  readonly retries: number;
  readonly warnings: readonly string[];
}

/**
 * Runs a failed workflow again from where it failed, under its id. Steps that succeeded keep their checkpoints; those that run again
 * have new keys (RunGate), so that neither a model call nor a tool is answered from what failed.
 */
@Injectable()
export class WorkflowRetry {
  constructor(
    private readonly database: Database,
    private readonly durable: Durable,
    private readonly rewind: Rewind,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
    private readonly shares: BudgetShares,
  ) {}

  /** 202 when it begins again, 200 when an earlier retry is under way. @throws Problem NOT_FOUND, CONFLICT from any other state */
  async retry(id: string): Promise<Reply<WorkflowChange>> {
    const isBegun = await this.database.transaction((tx) => this.begin(tx, id));
    if (isBegun) {
      this.durable.kick();
      this.feed.announce(id);
    }
    return { status: isBegun ? 202 : 200, headers: {}, body: { workflow_id: id, status: 'in_progress' } };
  }

  /** Locks as a cancel does: durable functions, then the workflow. */
  private async begin(tx: Transaction, id: string): Promise<boolean> {
    const history = await this.rewind.history(tx, id);
    const [state] = await tx.query<State>(
      `SELECT status, error_code, retries, warnings, input_type, content, execution_context, inheritance
         FROM workflows WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    if (state === undefined) throw notFound(`Workflow ${id}`);
    const { status, retries } = state;
    if (status === 'in_progress' && retries > 0) return false;
    if (status !== 'failed')
      throw new Problem('CONFLICT', `Workflow ${id} is ${status}; only a failed one is retried.`);
    if (state.error_code === 'REVIEW_REJECTED' && (await this.isRejected(tx, id))) {
      throw new Problem('CONFLICT', `A person rejected the result of workflow ${id}; a retry does not undo that.`);
    }
    const cuts = cutsOf(history, await this.settledThoughts(tx, id));
    if (cuts.size === 0) throw new Problem('CONFLICT', `No step of workflow ${id} failed that could be run again.`);
    await this.rewind.rewind(tx, id, cuts);
    await this.reopen(tx, id, cuts);
    const { maxExecutionTimeMinutes } = readRequest(state, new InputErrors()).settings;
    await tx.query(
      `UPDATE workflows SET status = 'in_progress', phase = 'executing', success = NULL, error_code = NULL, error_message = NULL,
              result_content = NULL, scores = NULL, completed_at = NULL, updated_at = now(), retries = retries + 1, paused_at = NULL,
              clock_stopped_at = NULL, deadline_at = now() + make_interval(secs => $2::float8), pace = DEFAULT, recovery_councils = 0,
              warnings = $3
        WHERE id = $1`,
      [id, maxExecutionTimeMinutes * 60, storableJson(warningsLeft(state.warnings, history, cuts))],
    );
    this.events.append(tx, id, [{ type: 'workflow.retried', data: { retry: retries + 1 } }]);
    await this.shares.openAgain(tx, id);
    return true;
  }

  /** By a person; a result that nobody saw in time is asked about again. */
  private async isRejected(tx: Transaction, id: string): Promise<boolean> {
    const rows = await tx.query(
      `SELECT 1 FROM approvals WHERE workflow_id = $1 AND kind = 'human_review' AND status = 'rejected'`,
      [id],
    );
    return rows.length > 0;
  }

  /** Those that have their result, and those that a council decided to do without. */
  private async settledThoughts(tx: Transaction, id: string): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM thought_trees WHERE root_id = $1 AND (status = 'completed' OR metadata ? 'dispensable')`,
      [id],
    );
    return new Set(rows.map((row) => row.id));
  }

  /**
   * The rows of what runs again: thoughts without a result, their agents, and agents whose answers are asked for anew. What lies below
   * a result stays as it ended, and so do planners and memory agents that the run goes on without, and parts that an agent went on without.
   */
  private async reopen(tx: Transaction, id: string, cuts: ReadonlyMap<string, number>): Promise<void> {
    await tx.query(
      `WITH RECURSIVE cuts AS (
         SELECT cut.id, cut.step FROM unnest($2::text[], $3::int[]) AS cut(id, step)
       ), open_thoughts AS (
         SELECT t.id FROM thought_trees t WHERE t.id = $1
         UNION ALL
         SELECT t.id FROM open_thoughts o JOIN thought_trees t ON t.parent_id = o.id
          WHERE t.status IN ('failed', 'cancelled') AND NOT t.metadata ? 'dispensable'
            AND NOT EXISTS (SELECT FROM agents a WHERE a.id::text = t.metadata->>'spawned_by' AND a.status = 'completed')
       ), settled_subtasks AS (
         SELECT t.id FROM thought_trees t
          WHERE t.root_id = $1 AND t.metadata ? 'plan_id' AND (t.status = 'completed' OR t.metadata ? 'dispensable')
       ), asked_anew AS (
         SELECT i.agent_id AS id FROM llm_interactions i
           JOIN cuts ON cuts.id = split_part(i.step_key, '/', 1) AND split_part(i.step_key, '/', 2)::int >= cuts.step
          WHERE i.workflow_id = $1
       ), agents_again AS (
         UPDATE agents a SET status = 'active', completed_at = NULL, state = '{}'
          WHERE a.thought_tree_id IN (SELECT t.id FROM thought_trees t WHERE t.root_id = $1)
            AND a.thought_tree_id NOT IN (SELECT settled_subtasks.id FROM settled_subtasks)
            AND (a.id IN (SELECT asked_anew.id FROM asked_anew)
              OR (a.status <> 'completed' AND a.thought_tree_id IN (SELECT open_thoughts.id FROM open_thoughts)
                  AND NOT (split_part(a.context->>'purpose', ':', 1) = ANY($4) AND a.status = 'failed'
                           AND EXISTS (SELECT FROM llm_interactions i WHERE i.agent_id = a.id))))
       ), orchestrators_again AS (
         UPDATE orchestrators o SET status = 'active', completed_at = NULL
          WHERE o.thought_tree_id IN (SELECT open_thoughts.id FROM open_thoughts)
       )
       UPDATE thought_trees t
          SET status = CASE WHEN EXISTS (SELECT FROM agents a WHERE a.thought_tree_id = t.id) OR t.id = $1
                            THEN 'in_progress' ELSE 'pending' END,
              completed_at = NULL, updated_at = now(), metadata = t.metadata - ARRAY['reason', 'code', 'result_from', 'recovery']
        WHERE t.id IN (SELECT open_thoughts.id FROM open_thoughts)`,
      [id, [...cuts.keys()], [...cuts.values()], [PLAN, COMPLEXITY, MEMORY]],
    );
  }
}
