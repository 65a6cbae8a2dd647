import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
import { isOfOwner } from '../workflows/belonging.sql.js';
import type { ApprovalFilter, ApprovalPage, ApprovalView, WorkflowApprovals } from './approval.dto.js';

type Times = 'created_at' | 'answered_at' | 'deadline_at';
type Row = Omit<Plain<ApprovalView>, Times> & {
  readonly at: string;
  readonly created_at: Date;
  readonly deadline_at: Date;
  readonly answered_at: Date | null;
};

const MOST_OF_ONE_WORKFLOW = 500;
const COLUMNS = `id, workflow_id, thought_id, agent_id, kind, tool_name, arguments_hash, parameters, risk, reason, status, default_decision,
  deadline_at, answered_by, comment, answered_at, created_at, ${exactTime('created_at')} AS at`;

/** Reads of the approval rows for the API. */
@Injectable()
export class ApprovalQueries {
  constructor(private readonly database: Database) {}

  /** @throws Problem NOT_FOUND */
  async ofWorkflow(workflowId: string): Promise<Plain<WorkflowApprovals>> {
    const rows = await this.database.query<Row | { readonly id: null }>(
      `SELECT shown.* FROM workflows w LEFT JOIN LATERAL (
         SELECT ${COLUMNS} FROM approvals WHERE workflow_id = w.id
          ORDER BY status = 'pending' DESC, created_at DESC, id DESC LIMIT ${MOST_OF_ONE_WORKFLOW}) shown ON true
        WHERE w.id = $1 ORDER BY shown.status = 'pending' DESC, shown.created_at DESC, shown.id DESC`,
      [workflowId],
    );
    if (rows.length === 0) throw notFound(`Workflow ${workflowId}`);
    return { items: rows.filter((row): row is Row => row.id !== null).map(viewOf) };
  }

  async get(id: string): Promise<Plain<ApprovalView>> {
    const [row] = await this.database.query<Row>(`SELECT ${COLUMNS} FROM approvals WHERE id = $1`, [id]);
    if (row === undefined) throw notFound(`Approval ${id}`);
    return viewOf(row);
  }

  /** Newest first; without a status those that wait. */
  async list({ status = 'pending', cursor, limit }: ApprovalFilter, owner: Owner): Promise<Plain<ApprovalPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [status, after.at, after.id, limit + 1];
    const own = ofOwner(owner, values, isOfOwner('workflow_id'));
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM approvals
        WHERE status = $1 AND (created_at, id) < ($2::timestamptz, $3::uuid)${own}
        ORDER BY created_at DESC, id DESC LIMIT $4`,
      values,
    );
    return pageOf(rows, limit, viewOf);
  }
}

const viewOf = ({ at: _at, created_at: createdAt, deadline_at: deadlineAt, answered_at: answeredAt, ...row }: Row) => ({
  ...row,
  created_at: createdAt.toISOString(),
  deadline_at: deadlineAt.toISOString(),
  answered_at: answeredAt?.toISOString() ?? null,
});
