import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { hidePrototypeKeys } from '../../http/prototype-keys.rules.js';
import { Problem, type FieldError } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import type { Json } from '../planning/input-fields.rules.js';
import { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import { placeholdersIn, valueAt } from './template-text.rules.js';

/** A JSON object as the workflow request it must be. @throws Problem VALIDATION_ERROR naming the members */
export function workflowRequest(value: Json): ExecuteWorkflow {
  const request = plainToInstance(ExecuteWorkflow, hidePrototypeKeys(value));
  const violations = validateSync(request, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (violations.length === 0) return request;
  throw validationProblem(
    violations.flatMap(({ property, constraints }) =>
      Object.values(constraints ?? {}).map((message) => ({ field: property, message })),
    ),
  );
}

/** What is wrong with a template whatever fills it: where a placeholder stands only its filling can be judged. */
export function withoutPlaceholders(problem: Problem, request: ExecuteWorkflow): Problem | undefined {
  if (problem.options.errors === undefined) {
    return placeholdersIn(request.execution_context).size > 0 ? undefined : problem;
  }
  const errors = problem.options.errors.filter(({ field }) => placeholdersIn(valueAt(request, field)).size === 0);
  return errors.length > 0 ? validationProblem(errors) : undefined;
}

/** The same problem, its fields seen from one level above. */
export function prefixed(problem: unknown, prefix: string): unknown {
  if (!(problem instanceof Problem)) return problem;
  const errors: readonly FieldError[] = problem.options.errors ?? [{ field: '', message: problem.detail }];
  return validationProblem(
    errors.map(({ field, message }) => ({ field: field === '' ? prefix : `${prefix}.${field}`, message })),
  );
}

/** Whether a request does not say what to do but when, or names another template. */
export function isIndirect({ input_type, content }: ExecuteWorkflow): boolean {
  const isScheduling = valueAt(content, 'trigger.schedule') !== undefined || content.workflow_template !== undefined;
  return input_type === 'scheduled_workflow' && isScheduling;
}
