import { Injectable } from '@nestjs/common';
import { Isolation } from '../../auth/isolation.js';
import { ofOwner, type Owner } from '../../auth/owner.js';
import type { Sql } from '../../database/sql.js';
import { invalid, type FieldError } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import type { Json } from '../planning/input-fields.rules.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import { RequestCheck, type CheckedRequest } from '../workflows/request-check.service.js';
import { READABLE_TEMPLATE } from './template-owner.sql.js';
import { isIndirect, prefixed, workflowRequest } from './template-check.js';
import type { TemplateReference } from './template-reference.decorator.js';
import { filled, placeholdersIn, valuesOf, type ValueOf } from './template-text.rules.js';

/** Named in one answer; more help nobody. */
const MAX_STRAY = 20;

/** A template with what fills it. */
export interface TemplateUse {
  readonly template: TemplateReference;
  readonly parameters: Json;
}

/** Makes requests of templates. */
@Injectable()
export class TemplateResolver {
  constructor(
    private readonly requests: RequestCheck,
    private readonly isolation: Isolation,
  ) {}

  /**
   * The request that a template and its parameters make, checked as any request is.
   * @param principalId whom the work belongs to
   * @param event the values of `{{event.…}}`, for triggers; they fill the parameters' texts too
   * @param adapt changes the request before it is checked
   * @throws Problem VALIDATION_ERROR with fields below `workflow_template` and `parameters`
   */
  async resolve(
    sql: Sql,
    use: TemplateUse,
    principalId: string,
    event?: ValueOf,
    adapt: (request: ExecuteWorkflow) => ExecuteWorkflow = (request) => request,
  ): Promise<CheckedRequest> {
    const request = filledRequest(
      await this.requestOf(sql, use.template, this.isolation.ownerForWorkOf(principalId)),
      use.parameters,
      event,
    );
    try {
      return this.requests.check(adapt(request));
    } catch (error) {
      throw prefixed(error, 'workflow_template');
    }
  }

  private async requestOf(sql: Sql, template: TemplateReference, owner: Owner): Promise<ExecuteWorkflow> {
    const request = typeof template === 'string' ? await stored(sql, template, owner) : inline(template);
    if (isIndirect(request)) throw invalid('workflow_template', 'must say what to do, not when or by which template');
    return request;
  }
}

function filledRequest(request: ExecuteWorkflow, parameters: Json, event: ValueOf | undefined): ExecuteWorkflow {
  const errors: FieldError[] = [];
  const isOfEvent = (name: string): boolean => name.startsWith('event.');
  const known = placeholdersIn(request);
  const stray = Object.keys(parameters).filter((name) => !known.has(name) || isOfEvent(name));
  for (const name of stray.slice(0, MAX_STRAY))
    errors.push({ field: `parameters.${name}`, message: `is unknown: {{name}} of it does not stand in the template` });
  const given =
    event === undefined
      ? parameters
      : filled(parameters, (name) => (isOfEvent(name) ? event(name) : `{{${name}}}`), errors);
  const valueOf = valuesOf(given);
  const result = filled(request, (name) => (isOfEvent(name) ? event?.(name) : valueOf(name)), errors);
  if (errors.length > 0) throw validationProblem(errors);
  return result;
}

function inline(value: Json): ExecuteWorkflow {
  try {
    return workflowRequest(value);
  } catch (error) {
    throw prefixed(error, 'workflow_template');
  }
}

async function stored(sql: Sql, name: string, owner: Owner): Promise<ExecuteWorkflow> {
  const values: unknown[] = [name];
  const readable = ofOwner(owner, values, READABLE_TEMPLATE);
  const [row] = await sql.query<{ request: ExecuteWorkflow }>(
    `SELECT v.request FROM workflow_templates t JOIN workflow_template_versions v ON v.template_id = t.id AND v.version = t.version
      WHERE t.name = $1${readable}`,
    values,
  );
  if (row === undefined) throw invalid('workflow_template', `there is no template ${JSON.stringify(name)}`);
  return row.request;
}
