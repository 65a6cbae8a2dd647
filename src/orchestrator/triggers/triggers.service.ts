import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import type { TemplateReference } from '../workflow-templates/template-reference.decorator.js';
import { templateColumnsOf, templateOf } from '../workflow-templates/template-columns.js';
import { conditionErrors, type Condition } from './condition.rules.js';
import type { CreateTrigger, TriggerPage, TriggerView, UpdateTrigger } from './dto/trigger.dto.js';
import { Reactions } from './reaction.service.js';
import { presentTrigger, TRIGGER_COLUMNS, type TriggerRow } from './trigger-rows.js';

interface Draft {
  readonly name: string;
  readonly event_type: string;
  readonly source: string;
  readonly conditions: readonly Condition[];
  readonly debounce_seconds: number;
  readonly workflow_template: TemplateReference;
  readonly parameters: Record<string, unknown>;
  readonly enabled: boolean;
}

/** Which events start which workflows. */
@Injectable()
export class Triggers {
  constructor(
    private readonly database: Database,
    private readonly reactions: Reactions,
    private readonly idempotency: IdempotencyService,
  ) {}

  async list({ limit, cursor }: PageQuery, owner: Owner): Promise<Plain<TriggerPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [after.at, after.id, limit + 1];
    const own = ofOwner(owner, values);
    const rows = await this.database.query<TriggerRow & Cursor>(
      `SELECT ${TRIGGER_COLUMNS}, ${exactTime('created_at')} AS at FROM triggers
        WHERE (created_at, id) < ($1::timestamptz, $2::uuid)${own}
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      values,
    );
    return pageOf(rows, limit, presentTrigger);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<TriggerView>> {
    return presentTrigger(await rowOf(this.database, id));
  }

  /** @throws Problem VALIDATION_ERROR */
  async create(
    body: CreateTrigger,
    principalId: string,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<TriggerView>> {
    const draft: Draft = {
      name: body.name ?? body.event_type,
      event_type: body.event_type,
      source: body.source ?? '*',
      conditions: body.conditions ?? [],
      debounce_seconds: body.debounce_seconds ?? 0,
      workflow_template: body.workflow_template,
      parameters: body.parameters ?? {},
      enabled: body.enabled ?? true,
    };
    const row = await this.database.transaction(async (tx) => {
      const { id, isNew } = await this.idempotency.bind(tx, claim);
      if (!isNew) return rowOf(tx, id);
      await this.check(tx, draft, principalId);
      await tx.query(
        `INSERT INTO triggers (id, name, event_type, source, conditions, debounce_seconds, template_name, template_request,
                               parameters, is_enabled, principal_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [id, ...columnsOf(draft), principalId],
      );
      return rowOf(tx, id);
    });
    return presentTrigger(row);
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  async update(id: string, body: UpdateTrigger): Promise<Plain<TriggerView>> {
    const row = await this.database.transaction(async (tx) => {
      await tx.query('SELECT id FROM triggers WHERE id = $1 FOR UPDATE', [id]);
      const before = await rowOf(tx, id);
      const draft: Draft = {
        name: body.name ?? before.name,
        event_type: body.event_type ?? before.event_type,
        source: body.source ?? before.source,
        conditions: body.conditions ?? before.conditions,
        debounce_seconds: body.debounce_seconds ?? before.debounce_seconds,
        workflow_template: body.workflow_template ?? templateOf(before).template,
        parameters: body.parameters ?? before.parameters,
        enabled: body.enabled ?? before.is_enabled,
      };
      // One whose template is gone can still be disabled.
      const given = Object.entries(body).filter(([, value]) => value !== undefined);
      const isOnlySwitched = !draft.enabled && given.every(([key]) => key === 'enabled');
      if (!isOnlySwitched) await this.check(tx, draft, before.principal_id);
      await tx.query(
        `UPDATE triggers SET name = $2, event_type = $3, source = $4, conditions = $5, debounce_seconds = $6, template_name = $7,
                template_request = $8, parameters = $9, is_enabled = $10, updated_at = now() WHERE id = $1`,
        [id, ...columnsOf(draft)],
      );
      return rowOf(tx, id);
    });
    return presentTrigger(row);
  }

  /** Its workflows stay. @throws Problem NOT_FOUND */
  async remove(id: string): Promise<void> {
    const gone = await this.database.query('DELETE FROM triggers WHERE id = $1 RETURNING id', [id]);
    if (gone.length === 0) throw notFound(`Trigger ${id}`);
  }

  private async check(
    sql: Sql,
    { event_type: type, source, conditions, workflow_template: template, parameters }: Draft,
    principalId: string,
  ): Promise<void> {
    const errors = conditionErrors(conditions);
    if (errors.length > 0) throw validationProblem(errors);
    await this.reactions.check(sql, { type, source }, { template, parameters }, principalId);
  }
}

const columnsOf = (draft: Draft): unknown[] => [
  draft.name,
  draft.event_type,
  draft.source,
  storableJson(draft.conditions),
  draft.debounce_seconds,
  ...templateColumnsOf(draft.workflow_template),
  draft.parameters,
  draft.enabled,
];

async function rowOf(sql: Sql, id: string): Promise<TriggerRow> {
  const [row] = await sql.query<TriggerRow>(`SELECT ${TRIGGER_COLUMNS} FROM triggers WHERE id = $1`, [id]);
  if (row === undefined) throw notFound(`Trigger ${id}`);
  return row;
}
