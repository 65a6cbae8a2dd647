import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import { notFound } from '../../http/problem.js';
import type { ActiveWorkflows } from './dto/active-workflows.dto.js';
import type { WorkflowDetail, WorkflowPage, WorkflowStatusView } from './dto/workflow-answers.dto.js';
import type { ActiveQuery, WorkflowFilter } from './dto/workflow-queries.dto.js';
import { WHOLE_WORKFLOW, WORKFLOW_FACTS, type WholeWorkflow, type WorkflowFacts } from './workflow-facts.js';
import { presentDetail, presentStatus, presentWorkflow } from './workflow-presentation.js';

type ListedRow = Parameters<typeof presentWorkflow>[0] & { at: string };

interface ActiveRow {
  id: string;
  status: 'pending' | 'in_progress';
  goal: string;
  created_at: Date;
  updated_at: Date;
  depth: number;
  importance_level: string;
}

@Injectable()
export class WorkflowQueries {
  private readonly facts: SharedReads<WorkflowFacts | undefined>;

  constructor(private readonly database: Database) {
    this.facts = new SharedReads(async (id) => (await database.query<WorkflowFacts>(WORKFLOW_FACTS, [id]))[0]);
  }

  /** @throws Problem NOT_FOUND */
  async whole(id: string): Promise<WholeWorkflow> {
    const [workflow] = await this.database.query<WholeWorkflow>(WHOLE_WORKFLOW, [id]);
    if (workflow === undefined) throw notFound(`Workflow ${id}`);
    return workflow;
  }

  async status(id: string): Promise<WorkflowStatusView> {
    const facts = await this.facts.read(id);
    if (facts === undefined) throw notFound(`Workflow ${id}`);
    return presentStatus(facts);
  }

  async detail(id: string): Promise<WorkflowDetail> {
    return presentDetail(await this.whole(id));
  }

  async list(filter: WorkflowFilter, owner: Owner): Promise<WorkflowPage> {
    const after = placeAfter(filter.cursor);
    const values: unknown[] = [filter.limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'w.status = ?': filter.status,
      'w.input_type = ?': filter.input_type,
      'w.strategy = ?': filter.strategy,
      'w.origin = ?': filter.origin,
      'w.parent_workflow_id = ?': filter.parent_workflow_id,
      'w.schedule_id = ?': filter.schedule_id,
      'w.trigger_id = ?': filter.trigger_id,
      'w.created_at >= ?::timestamptz': filter.created_after,
      'w.created_at < ?::timestamptz': filter.created_before,
    });
    const own = ofOwner(owner, values, 'w.principal_id = ?');
    const rows = await this.database.query<ListedRow>(
      `SELECT w.id, w.input_type, w.goal, w.status, w.phase, w.strategy, w.origin, w.schedule_id, w.trigger_id, w.priority, w.urgency, w.success,
              w.error_code, w.created_at, w.updated_at, w.completed_at, b.spent_usd, ${exactTime('w.created_at')} AS at
         FROM workflows w LEFT JOIN budget_scopes b ON b.kind = 'workflow' AND b.key = w.id::text
        WHERE (w.created_at, w.id) < ($2::timestamptz, $3::uuid)${asked}${own}
        ORDER BY w.created_at DESC, w.id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, filter.limit, presentWorkflow);
  }

  async active({ limit, offset }: ActiveQuery, owner: Owner): Promise<ActiveWorkflows> {
    const values: unknown[] = [limit, offset];
    const own = ofOwner(owner, values, 'w.principal_id = ?');
    const rows = await this.database.query<ActiveRow>(
      `SELECT w.id, w.status, w.goal, w.created_at, w.updated_at, t.importance_level,
              (SELECT coalesce(max(depth), 0)::int FROM thought_trees WHERE root_id = w.id) AS depth
         FROM workflows w JOIN thought_trees t ON t.id = w.id
        WHERE w.status IN ('pending', 'in_progress')${own} ORDER BY w.created_at DESC, w.id DESC LIMIT $1 OFFSET $2`,
      values,
    );
    return {
      active_workflows: rows.map(({ id, created_at, updated_at, ...row }) => ({
        workflow_id: id,
        ...row,
        created_at: created_at.toISOString(),
        updated_at: updated_at.toISOString(),
      })),
      count: rows.length,
      limit,
      offset,
      timestamp: new Date().toISOString(),
    };
  }
}
