import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';

/**
 * The clock of a workflow's time limit: it stands still while the workflow is paused and while somebody is asked, also for branches that
 * go on meanwhile. Whether any does changes with every step, and a clock that followed would cost each a write to the workflow's one
 * row. What they do stays bounded: by their agents' own time, by the plan and by the budget.
 */
@Injectable()
export class RunClock {
  /** In the transaction of what stops it, which holds the workflow's row from here on. */
  async stop(tx: Sql, workflowId: string): Promise<void> {
    await tx.query('UPDATE workflows SET clock_stopped_at = coalesce(clock_stopped_at, now()) WHERE id = $1', [
      workflowId,
    ]);
  }

  /** In the transaction that ends a pause or answers, after it did: the clock goes on when nothing else stops it. */
  async go(tx: Sql, workflowId: string): Promise<void> {
    await tx.query(
      `UPDATE workflows SET deadline_at = deadline_at + (clock_timestamp() - clock_stopped_at), clock_stopped_at = NULL
        WHERE id = $1 AND clock_stopped_at IS NOT NULL AND paused_at IS NULL
          AND NOT EXISTS (SELECT FROM approvals WHERE workflow_id = $1 AND status = 'pending')`,
      [workflowId],
    );
  }
}
