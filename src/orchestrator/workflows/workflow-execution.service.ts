import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem, notFound } from '../../http/problem.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { WorkflowEnder } from '../run/workflow-ender.js';
import type { ExecuteWorkflow } from './dto/execute-workflow.dto.js';
import type { WorkflowAccepted, WorkflowChange, WorkflowResult } from './dto/workflow-answers.dto.js';
import { readPreference } from './preference.rules.js';
import type { Reply } from './reply.js';
import { hasEnded, presentAccepted, presentResult } from './workflow-presentation.js';
import { WorkflowIntake } from './workflow-intake.service.js';
import { WorkflowQueries } from './workflow-queries.service.js';
import { WorkflowWait } from './workflow-wait.service.js';
import type { WorkflowStatus } from './workflow.values.js';

/** What callers do to workflows: have them executed, and cancel them. */
@Injectable()
export class WorkflowExecution {
  constructor(
    private readonly database: Database,
    private readonly durable: Durable,
    private readonly intake: WorkflowIntake,
    private readonly wait: WorkflowWait,
    private readonly queries: WorkflowQueries,
    private readonly ender: WorkflowEnder,
    private readonly feed: EventFeed,
  ) {}

  /** 200 with the result when the workflow ends within the wait the caller prefers, else 202 with where to look. */
  async execute(
    request: ExecuteWorkflow,
    principalId: string,
    claim: IdempotencyClaim | undefined,
    prefer: string | undefined,
  ): Promise<Reply<WorkflowResult | WorkflowAccepted>> {
    const preference = readPreference(prefer);
    const workflowId = await this.intake.accept(request, principalId, claim);
    if (preference.waitSeconds > 0) await this.wait.untilEnded(workflowId, preference.waitSeconds * 1000);
    const workflow = await this.queries.whole(workflowId);
    const applied: Record<string, string> =
      preference.applied === '' ? {} : { 'Preference-Applied': preference.applied };
    if (hasEnded(workflow) && preference.waitSeconds > 0)
      return { status: 200, headers: applied, body: presentResult(workflow) };
    return {
      status: 202,
      headers: { ...applied, Location: `/api/v1/orchestrator/workflows/${workflowId}/status` },
      body: presentAccepted(workflow),
    };
  }

  /** 202 when it ends the workflow, 200 when it was cancelled already. @throws Problem NOT_FOUND, CONFLICT when it ended otherwise */
  async cancel(id: string): Promise<Reply<WorkflowChange>> {
    const isCancelledNow = await this.database.transaction(async (tx) => {
      const known = await tx.query('SELECT 1 FROM workflows WHERE id = $1', [id]);
      if (known.length === 0) throw notFound(`Workflow ${id}`);
      await this.durable.cancel(tx, id);
      const isCancelled = await this.ender.cancel(tx, id);
      if (!isCancelled) await refuseUnlessCancelled(tx, id);
      return isCancelled;
    });
    this.feed.announce(id, 'end');
    this.durable.abortCancelled(id);
    return { status: isCancelledNow ? 202 : 200, headers: {}, body: { workflow_id: id, status: 'cancelled' } };
  }
}

/** Its functions are left as they are then: one that has written its end may be about to succeed. */
async function refuseUnlessCancelled(tx: Transaction, id: string): Promise<void> {
  const [row] = await tx.query<{ status: WorkflowStatus }>('SELECT status FROM workflows WHERE id = $1', [id]);
  if (row?.status === 'cancelled') return;
  throw new Problem(
    'CONFLICT',
    `Workflow ${id} has ended as ${row?.status ?? 'deleted'}; it can no longer be cancelled.`,
  );
}
