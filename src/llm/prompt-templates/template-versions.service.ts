import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/principal.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { type FieldError, notFound, Problem } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import type {
  CreatePromptTemplate,
  PromptTemplatePage,
  PromptTemplateQuery,
  PromptTemplateView,
  TemplateVariableInput,
  UpdatePromptTemplate,
} from './prompt-template.dto.js';
import { MADE_BY_NYX } from './prompt-template.values.js';
import { PromptTemplates } from './prompt-templates.service.js';
import { UNCOUNTED_USES } from './template-usage.js';
import { mismatches, sameVariables, takesTheSame, templateErrors, type TemplateVariable } from './template.rules.js';
import { activateVersion, addVersion, lockVersions, type NewVersion } from './version-rows.js';

type Times = 'created_at' | 'updated_at' | 'activated_at';

type Row = Omit<Plain<PromptTemplateView>, Times | 'is_built_in' | 'usage_count'> &
  Cursor & {
    readonly created_at: Date;
    readonly updated_at: Date;
    readonly activated_at: Date | null;
    readonly usage_count: string;
  };

type Draft = Omit<NewVersion, 'createdBy'>;

const rowsWith = (content: string): string => `
  SELECT p.id, p.name, p.version, p.template_type, ${content} AS content, p.variables, p.is_active, p.created_at, p.updated_at,
         p.activated_at, p.created_by, p.usage_count + coalesce(u.uses, 0) AS usage_count,
         (p.success_count + coalesce(u.successes, 0))::float8 / nullif(p.usage_count + coalesce(u.uses, 0), 0) AS success_rate,
         ${exactTime('p.created_at')} AS at
    FROM prompt_templates p LEFT JOIN (${UNCOUNTED_USES}) u ON u.name = p.name AND u.version = p.version`;

const listOf = (asked: string): string => `${rowsWith('left(p.content, 1000)')}
   WHERE (p.created_at, p.id) < ($1::timestamptz, $2::uuid)${asked}
   ORDER BY p.created_at DESC, p.id DESC LIMIT $3`;

const ONE = `${rowsWith('p.content')} WHERE p.id = $1`;

const conflict = (detail: string): Problem => new Problem('CONFLICT', detail);

/** The versions of prompt templates, as admins read and make them. */
@Injectable()
export class TemplateVersions {
  constructor(
    private readonly database: Database,
    private readonly templates: PromptTemplates,
  ) {}

  async list({ limit, cursor, name, active }: PromptTemplateQuery): Promise<Plain<PromptTemplatePage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [after.at, after.id, limit + 1];
    const asked = conditionsOf(values, { 'p.name = ?': name, 'p.is_active = ?': active });
    const rows = await this.database.query<Row>(listOf(asked), values);
    return pageOf(rows, limit, (row) => this.present(row));
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<PromptTemplateView>> {
    return this.present(await this.row(this.database, id));
  }

  /** @throws Problem VALIDATION_ERROR */
  async create(body: CreatePromptTemplate, { id: createdBy }: Principal): Promise<Plain<PromptTemplateView>> {
    const { name, template_type: type, content, activate = true } = body;
    const variables = declared(body.variables) ?? this.templates.builtIn(name)?.variables ?? [];
    const draft = { name, type, content, variables, activate };
    this.check(draft);
    return this.change(name, (tx) => addVersion(tx, { ...draft, createdBy }));
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  async update(
    id: string,
    body: UpdatePromptTemplate,
    { id: createdBy }: Principal,
  ): Promise<Plain<PromptTemplateView>> {
    const base = await this.row(this.database, id);
    const draft: Draft = {
      name: base.name,
      type: body.template_type ?? base.template_type,
      content: body.content ?? base.content,
      variables: declared(body.variables) ?? base.variables,
      activate: body.activate ?? true,
    };
    this.check(draft);
    return this.change(draft.name, async (tx) => {
      const newest = await this.newest(tx, draft.name);
      if (newest === undefined || !says(newest, draft)) return addVersion(tx, { ...draft, createdBy });
      if (draft.activate && !newest.is_active) await activateVersion(tx, newest.id, draft.name);
      return newest.id;
    });
  }

  /** @throws Problem NOT_FOUND, CONFLICT for a version that wants other values than NYX gives */
  async activate(id: string): Promise<Plain<PromptTemplateView>> {
    const { name, variables } = await this.row(this.database, id);
    const builtIn = this.templates.builtIn(name);
    if (builtIn && !takesTheSame(variables, builtIn.variables))
      throw conflict('This version has other variables than this release of NYX fills; make a new version of it.');
    return this.change(name, async (tx) => {
      const row = await this.row(tx, id);
      if (!row.is_active) await activateVersion(tx, id, name);
      return id;
    });
  }

  /** @throws Problem NOT_FOUND, CONFLICT for what is used, may have been, or came with NYX */
  async remove(id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await lockVersions(tx);
      const row = await this.row(tx, id);
      const refusal = this.templates.builtIn(row.name) ? refusalOfBuiltIn(row) : await refusalOfOwn(tx, row);
      if (refusal !== undefined) throw conflict(refusal);
      await tx.query('DELETE FROM prompt_templates WHERE id = $1', [id]);
    });
  }

  /** Changes the versions of one name, and answers the one whose id `work` gives when this process already renders by it. */
  private async change(name: string, work: (tx: Transaction) => Promise<string>): Promise<Plain<PromptTemplateView>> {
    const row = await this.database.transaction(async (tx) => {
      await lockVersions(tx);
      return this.row(tx, await work(tx));
    });
    await this.templates.changed(name);
    return this.present(row);
  }

  private check({ name, type, content, variables }: Draft): void {
    const errors: FieldError[] = [...templateErrors({ content, variables })];
    const builtIn = this.templates.builtIn(name);
    if (builtIn && builtIn.type !== type)
      errors.push({ field: 'template_type', message: `NYX uses ${name} as ${builtIn.type}` });
    if (builtIn) {
      const wrong = mismatches(variables, builtIn.variables);
      errors.push(...wrong.map((message) => ({ field: 'variables', message })));
    }
    if (errors.length > 0) throw validationProblem(errors);
  }

  private async row(sql: Sql, id: string): Promise<Row> {
    const [row] = await sql.query<Row>(ONE, [id]);
    if (row === undefined) throw notFound('The prompt template');
    return row;
  }

  private async newest(sql: Sql, name: string): Promise<Row | undefined> {
    const [newest] = await sql.query<{ id: string }>(
      'SELECT id FROM prompt_templates WHERE name = $1 ORDER BY version DESC LIMIT 1',
      [name],
    );
    return newest && this.row(sql, newest.id);
  }

  private present(row: Row): Plain<PromptTemplateView> {
    return {
      id: row.id,
      name: row.name,
      version: row.version,
      template_type: row.template_type,
      content: row.content,
      variables: row.variables,
      is_active: row.is_active,
      is_built_in: this.templates.builtIn(row.name) !== undefined,
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
      activated_at: row.activated_at?.toISOString() ?? null,
      created_by: row.created_by,
      usage_count: Number(row.usage_count),
      success_rate: row.success_rate,
    };
  }
}

function refusalOfBuiltIn(row: Row): string | undefined {
  if (row.is_active) return 'This is the active version of a template that NYX uses; activate another one first.';
  if (row.created_by === MADE_BY_NYX) return "This is NYX's own version, which it falls back on.";
  if (row.activated_at !== null) return 'This version was active, so calls were made with it; they name it.';
  return undefined;
}

async function refusalOfOwn(tx: Transaction, row: Row): Promise<string | undefined> {
  if (Number(row.usage_count) > 0) return 'Calls were made with this version, and they name it.';
  if (!row.is_active) return undefined;
  const others = await tx.query('SELECT 1 FROM prompt_templates WHERE name = $1 AND id <> $2 LIMIT 1', [
    row.name,
    row.id,
  ]);
  return others.length === 0 ? undefined : 'This is the active version; activate another one first.';
}

const declared = (variables: readonly TemplateVariableInput[] | undefined): TemplateVariable[] | undefined =>
  variables?.map(({ name, type, required = true, description }) => ({
    name,
    type,
    required,
    ...(description !== undefined && { description }),
  }));

const says = (row: Row, { type, content, variables }: Draft): boolean =>
  row.template_type === type && row.content === content && sameVariables(row.variables, variables);
