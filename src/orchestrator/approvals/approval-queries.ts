import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { decodeCursor, exactTime, pageOf } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
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
    const known = await this.database.query('SELECT 1 FROM workflows WHERE id = $1', [workflowId]);
    if (known.length === 0) throw notFound(`Workflow ${workflowId}`);
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM approvals WHERE workflow_id = $1
        ORDER BY status = 'pending' DESC, created_at DESC, id DESC LIMIT ${MOST_OF_ONE_WORKFLOW}`,
      [workflowId],
    );
    return { items: rows.map(viewOf) };
  }

  async get(id: string): Promise<Plain<ApprovalView>> {
    const [row] = await this.database.query<Row>(`SELECT ${COLUMNS} FROM approvals WHERE id = $1`, [id]);
    if (row === undefined) throw notFound(`Approval ${id}`);
    return viewOf(row);
  }

  /** Newest first; without a status those that wait. */
  async list({ status = 'pending', cursor, limit }: ApprovalFilter): Promise<Plain<ApprovalPage>> {
    const { at = null, id = null } = cursor === undefined ? {} : decodeCursor(cursor);
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM approvals
        WHERE status = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $4`,
      [status, at, id, limit + 1],
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
