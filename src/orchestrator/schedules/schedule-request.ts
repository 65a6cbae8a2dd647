import { Problem } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import { readQualityRequest } from '../agents/validator/quality-request.rules.js';
import { readSettings } from '../planning/execution-settings.rules.js';
import { choiceAt, InputErrors, objectAt, textAt, type Json } from '../planning/input-fields.rules.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import type { CreateSchedule } from './dto/schedule.dto.js';
import { MISSED_FIRES } from './schedule.values.js';

/** What a scheduled_workflow says: when, and what then. @throws Problem VALIDATION_ERROR */
export function readContent({ content }: ExecuteWorkflow): Omit<CreateSchedule, 'schedule'> & { schedule?: string } {
  const errors = new InputErrors();
  const trigger: Json = objectAt(content, 'trigger', 'content', errors) ?? {};
  choiceAt(trigger, 'type', ['time_based'], 'content.trigger', errors);
  const optional = { required: false };
  const template = content.workflow_template ?? templateFrom(content, errors);
  const isReference = typeof template === 'string' || (typeof template === 'object' && !Array.isArray(template));
  if (!isReference) errors.add('content.workflow_template', 'must be the name of a template or a workflow request');
  const read = {
    name: nameIn(content, errors),
    schedule: textAt(trigger, 'schedule', 'content.trigger', errors, optional),
    timezone: textAt(trigger, 'timezone', 'content.trigger', errors, optional),
    missed_fires: choiceAt(trigger, 'missed_fires', MISSED_FIRES, 'content.trigger', errors),
    workflow_template: template as CreateSchedule['workflow_template'],
    parameters: objectAt(content, 'parameters', 'content', errors),
  };
  if (errors.list.length > 0) throw validationProblem(errors.list);
  return read;
}

function nameIn(content: Json, errors: InputErrors): string | undefined {
  const name = textAt(content, 'name', 'content', errors, { required: false });
  if (name !== undefined && name.length > 200) errors.add('content.name', 'must have at most 200 characters');
  return name;
}

/** A schedule of a mere prompt, and what stands with it. */
function templateFrom(content: Json, errors: InputErrors): Json {
  const prompt = content.prompt ?? content.content;
  if (prompt === undefined) errors.add('content.workflow_template', 'is required');
  const of = ['trigger', 'parameters', 'name', 'content'];
  const more = Object.fromEntries(Object.entries(content).filter(([name]) => !of.includes(name)));
  return { input_type: 'user_prompt', content: { ...more, prompt } };
}

const CONTEXTS = ['execution_context', 'domain_context', 'user_context', 'historical_context'] as const;

/** What a request itself says of contexts and priority: it holds before what its template says. */
function ownOf(request: ExecuteWorkflow): Partial<ExecuteWorkflow> {
  const contexts = CONTEXTS.filter((name) => Object.keys(request[name] ?? {}).length > 0);
  const own = [...contexts, ...(['priority', 'urgency'] as const).filter((name) => request[name] !== undefined)];
  return Object.fromEntries(own.map((name) => [name, request[name]]));
}

/**
 * The template of a schedule with what the request itself says, so that it holds whenever the schedule fires. A stored template is known
 * by its name and may change, so nothing can be said beside it.
 * @throws Problem VALIDATION_ERROR
 */
export function templateWithOwn(
  request: ExecuteWorkflow,
  template: CreateSchedule['workflow_template'],
): typeof template {
  const errors = new InputErrors();
  readSettings(request.execution_context ?? {}, errors);
  readQualityRequest(request.execution_context ?? {}, errors);
  const own = ownOf(request);
  if (typeof template === 'string') {
    const isUsual = (name: string): boolean =>
      (name === 'priority' && own.priority === 'medium') || (name === 'urgency' && own.urgency === 'normal');
    for (const name of Object.keys(own).filter((each) => !isUsual(each)))
      errors.add(name, 'must stand in the stored template that the schedule names');
  }
  if (errors.list.length > 0) throw validationProblem(errors.list);
  return typeof template === 'string' ? template : { ...template, ...own };
}

/** A template that is run at once. */
export function runNow(request: ExecuteWorkflow, { input_type, content, ...more }: ExecuteWorkflow): ExecuteWorkflow {
  return {
    ...more,
    ...ownOf(request),
    input_type: request.input_type,
    content: { ...request.content, workflow_template: { input_type, content } },
  };
}

/** What is refused inside is told by its place in the request. */
export async function inContent<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.options.errors === undefined) throw error;
    const isOfTrigger = (field: string): boolean => field === 'schedule' || field === 'timezone';
    throw validationProblem(
      error.options.errors.map(({ field, message }) => ({
        field: isOfTrigger(field) ? `content.trigger.${field}` : `content.${field}`,
        message,
      })),
    );
  }
}
