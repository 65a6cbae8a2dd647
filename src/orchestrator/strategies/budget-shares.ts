import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Transaction } from '../../database/sql.js';
import { workflowScope } from '../../llm/budget/budget.rules.js';
import { BudgetService } from '../../llm/budget/budget.service.js';
import { budgetShare, sharesAnew } from '../planning/run-limits.rules.js';
import type { WorkflowRun } from '../run/workflow-run.js';

interface ShareRow {
  left_usd: string | null;
  plain: number;
  decomposed: number;
}

interface ActiveRow extends ShareRow {
  id: string;
  parent_id: string | null;
  scope_id: string;
  has_own_limit: boolean;
}

const LEFT_USD = 'greatest(0, coalesce(b.own_limit_usd, b.limit_usd) - b.spent_usd - b.reserved_usd - b.in_doubt_usd)';

const openSubtasks = (thoughtId: string): string => `
  SELECT count(*) FILTER (WHERE NOT metadata ? 'decompose')::int AS plain,
         count(*) FILTER (WHERE metadata ? 'decompose')::int AS decomposed
    FROM thought_trees WHERE parent_id = ${thoughtId} AND status IN ('pending', 'in_progress')`;

/** What is left of the budget ($1) of an orchestrator, and its subtasks ($2) that have not ended. */
const LEFT = `
  SELECT ${LEFT_USD} AS left_usd, t.*
    FROM budget_scopes b CROSS JOIN LATERAL (${openSubtasks('$2::uuid')}) t
   WHERE b.kind = 'workflow' AND b.key = $1`;

/** The same of every orchestrator of a workflow ($1) that is active. Locks their balances deepest first, as calls do. */
const ACTIVE = `
  SELECT o.id, o.parent_orchestrator_id AS parent_id, b.id AS scope_id, b.own_limit_usd IS NOT NULL AS has_own_limit,
         ${LEFT_USD} AS left_usd, s.plain, s.decomposed
    FROM orchestrators o
    JOIN thought_trees t ON t.id = o.thought_tree_id
    JOIN budget_scopes b ON b.kind = 'workflow'
     AND b.key = CASE o.orchestrator_type WHEN 'sub' THEN o.id ELSE t.root_id END::text
    CROSS JOIN LATERAL (${openSubtasks('t.id')}) s
   WHERE t.root_id = $1 AND o.status = 'active'
   ORDER BY t.depth DESC, b.id
     FOR UPDATE OF b`;

/** What sub-orchestrators may spend of what their parents have left. */
@Injectable()
export class BudgetShares {
  constructor(private readonly budget: BudgetService) {}

  /** Last in its transaction: balances are rows that every call locks. */
  async open(tx: Transaction, parent: WorkflowRun, run: WorkflowRun): Promise<void> {
    const [left] = await tx.query<ShareRow>(LEFT, [parent.budgetIds[0], parent.thoughtId]);
    if (left === undefined) throw new Error(`The orchestrator ${parent.orchestratorId} has no budget.`);
    await this.budget.ensureScope(tx, workflowScope(run.orchestratorId), budgetShare(usdOf(left), left));
  }

  /** Gives each that a retry has opened again its share anew, on top of what it has used. Last in its transaction, too. */
  async openAgain(tx: Transaction, workflowId: string): Promise<void> {
    const rows = await tx.query<ActiveRow>(ACTIVE, [workflowId]);
    const shares = sharesAnew(
      rows.toReversed().map((row) => ({
        id: row.id,
        parentId: row.parent_id ?? undefined,
        leftUsd: usdOf(row),
        keepsLimit: row.has_own_limit,
        subtasks: row,
      })),
    );
    const again = rows.filter(({ id }) => shares.has(id));
    await tx.query(
      `UPDATE budget_scopes b
          SET limit_usd = b.spent_usd + b.reserved_usd + b.in_doubt_usd + share.usd, warned_at = NULL, updated_at = now()
         FROM unnest($1::uuid[], $2::numeric[]) AS share(id, usd) WHERE b.id = share.id`,
      [again.map((row) => row.scope_id), again.map(({ id }) => shares.get(id)?.toFixed() ?? null)],
    );
  }
}

const usdOf = ({ left_usd }: ShareRow): Decimal | undefined => (left_usd === null ? undefined : new Decimal(left_usd));
