import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/principal.js';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { invalid, notFound, Problem } from '../../http/problem.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import { RequestCheck } from '../workflows/request-check.service.js';
import type {
  CreateWorkflowTemplate,
  UpdateWorkflowTemplate,
  WorkflowTemplatePage,
  WorkflowTemplateSummary,
  WorkflowTemplateView,
} from './dto/workflow-template.dto.js';
import { isIndirect, withoutPlaceholders } from './template-check.js';
import { READABLE_TEMPLATE } from './template-owner.sql.js';
import { placeholdersIn } from './template-text.rules.js';

type SummaryRow = Omit<Plain<WorkflowTemplateSummary>, 'created_at' | 'updated_at'> & {
  readonly created_at: Date;
  readonly updated_at: Date;
};
type Row = SummaryRow & { readonly request: ExecuteWorkflow };

const COLUMNS = `t.id, t.name, v.version, v.description, v.request->>'input_type' AS input_type, t.created_at, v.created_at AS updated_at, v.created_by`;
const TABLES = 'workflow_templates t JOIN workflow_template_versions v ON v.template_id = t.id';

/** Stored requests with `{{name}}` in them. A change makes a new version; old ones stay readable. */
@Injectable()
export class WorkflowTemplates {
  constructor(
    private readonly database: Database,
    private readonly requests: RequestCheck,
    private readonly idempotency: IdempotencyService,
  ) {}

  async list({ limit, cursor }: PageQuery, owner: Owner): Promise<Plain<WorkflowTemplatePage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [after.at, after.id, limit + 1];
    const readable = ofOwner(owner, values, READABLE_TEMPLATE);
    const rows = await this.database.query<SummaryRow & Cursor>(
      `SELECT ${COLUMNS}, ${exactTime('t.created_at')} AS at FROM ${TABLES} AND v.version = t.version
        WHERE (t.created_at, t.id) < ($1::timestamptz, $2::uuid)${readable}
        ORDER BY t.created_at DESC, t.id DESC LIMIT $3`,
      values,
    );
    return pageOf(rows, limit, summaryOf);
  }

  /** Newest first. @throws Problem NOT_FOUND */
  async versions(id: string, { limit, cursor }: PageQuery): Promise<Plain<WorkflowTemplatePage>> {
    const after = placeAfter(cursor);
    const rows = await this.database.query<SummaryRow & Cursor>(
      `SELECT ${COLUMNS}, ${exactTime('v.created_at')} AS at FROM ${TABLES}
        WHERE t.id = $3 AND (v.created_at, t.id) < ($1::timestamptz, $2::uuid)
        ORDER BY v.version DESC LIMIT $4`,
      [after.at, after.id, id, limit + 1],
    );
    if (rows.length === 0 && cursor === undefined) throw notFound(`Workflow template ${id}`);
    return pageOf(rows, limit, summaryOf);
  }

  /** @param version undefined: the newest. @throws Problem NOT_FOUND */
  async get(id: string, version?: number): Promise<Plain<WorkflowTemplateView>> {
    return viewOf(await this.row(this.database, id, version));
  }

  /** @throws Problem VALIDATION_ERROR, CONFLICT when the name is taken */
  async create(
    { name, description, ...request }: CreateWorkflowTemplate,
    { id: principalId, role }: Principal,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<WorkflowTemplateView>> {
    this.check(request);
    const row = await this.database.transaction(async (tx) => {
      const { id, isNew } = await this.idempotency.bind(tx, claim);
      if (!isNew) return this.row(tx, id);
      await tx.query('INSERT INTO workflow_templates (id, name, version, principal_id) VALUES ($1, $2, 1, $3)', [
        id,
        name,
        role === 'admin' ? null : principalId,
      ]);
      await this.addVersion(tx, id, 1, { description: description ?? null, request: stripped(request), principalId });
      return this.row(tx, id);
    });
    return viewOf(row);
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR, CONFLICT when the new name is taken */
  async update(
    id: string,
    { name, description, ...changes }: UpdateWorkflowTemplate,
    principalId: string,
  ): Promise<Plain<WorkflowTemplateView>> {
    const row = await this.database.transaction(async (tx) => {
      await tx.query('SELECT id FROM workflow_templates WHERE id = $1 FOR UPDATE', [id]);
      const before = await this.row(tx, id);
      const request = stripped(Object.assign({}, before.request, stripped(changes)));
      this.check(request);
      const next = { description: description ?? before.description, request, principalId };
      await tx.query('UPDATE workflow_templates SET name = $2, updated_at = now() WHERE id = $1', [
        id,
        name ?? before.name,
      ]);
      const isNew = await this.addVersion(tx, id, before.version + 1, next);
      if (isNew) await tx.query('UPDATE workflow_templates SET version = version + 1 WHERE id = $1', [id]);
      return this.row(tx, id);
    });
    return viewOf(row);
  }

  /** What names it can no longer be run, and says so. @throws Problem NOT_FOUND */
  async remove(id: string): Promise<void> {
    const gone = await this.database.query('DELETE FROM workflow_templates WHERE id = $1 RETURNING id', [id]);
    if (gone.length === 0) throw notFound(`Workflow template ${id}`);
  }

  /** @returns false when the version before says the same already */
  private async addVersion(
    tx: Sql,
    id: string,
    version: number,
    { description, request, principalId }: { description: string | null; request: unknown; principalId: string },
  ): Promise<boolean> {
    const added = await tx.query(
      `INSERT INTO workflow_template_versions (template_id, version, description, request, created_by, created_at)
       SELECT $1, $2::int, $3, $4::jsonb, $5, clock_timestamp()
        WHERE NOT EXISTS (SELECT FROM workflow_template_versions WHERE template_id = $1 AND version = $2::int - 1
                             AND request = $4::jsonb AND description IS NOT DISTINCT FROM $3)
       RETURNING version`,
      [id, version, description, storableJson(request), principalId],
    );
    return added.length > 0;
  }

  /** What no parameter can mend. @throws Problem VALIDATION_ERROR, UNKNOWN_MODEL, MODEL_UNPRICED */
  private check(request: ExecuteWorkflow): void {
    if (isIndirect(request)) throw invalid('content', 'must say what to do, not when or by which template');
    try {
      this.requests.check(request);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const left = withoutPlaceholders(error, request);
      if (left !== undefined) throw left;
    }
  }

  private async row(sql: Sql, id: string, version?: number): Promise<Row> {
    const [row] = await sql.query<Row>(
      `SELECT ${COLUMNS}, v.request FROM ${TABLES} AND v.version = coalesce($2, t.version) WHERE t.id = $1`,
      [id, version],
    );
    if (row === undefined) {
      throw notFound(
        version === undefined ? `Workflow template ${id}` : `Version ${version} of workflow template ${id}`,
      );
    }
    return row;
  }
}

/** Without the members that were not given, or given as null. */
const stripped = <Given extends object>(given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null)) as Given;

const summaryOf = (row: SummaryRow): Plain<WorkflowTemplateSummary> => ({
  id: row.id,
  name: row.name,
  version: row.version,
  description: row.description,
  input_type: row.input_type,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  created_by: row.created_by,
});

const viewOf = (row: Row): Plain<WorkflowTemplateView> => ({
  ...summaryOf(row),
  parameters: [...placeholdersIn(row.request)],
  content: row.request.content,
  execution_context: row.request.execution_context ?? {},
  domain_context: row.request.domain_context ?? {},
  user_context: row.request.user_context ?? {},
  historical_context: row.request.historical_context ?? {},
  priority: row.request.priority ?? 'medium',
  urgency: row.request.urgency ?? 'normal',
});
