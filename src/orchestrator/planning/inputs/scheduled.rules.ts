import { INPUT_TYPES, type InputType } from '../../workflows/workflow.values.js';
import { choiceAt, objectAt, textAt, type InputErrors, type Json } from '../input-fields.rules.js';
import {
  isJson,
  listsOf,
  promptKeyOf,
  readPromptAlone,
  restOf,
  restUnder,
  unreadOf,
  type Place,
} from './content-parts.rules.js';
import { EMPTY_BRIEF, type WorkflowBrief } from './workflow-brief.js';

export type ReadContent = (inputType: InputType, content: Place, errors: InputErrors) => WorkflowBrief;

/** A schedule does not start schedules. */
const RUNNABLE = INPUT_TYPES.filter((inputType) => inputType !== 'scheduled_workflow');

/**
 * `{trigger: {type: "time_based", schedule, timezone}, workflow_template, parameters}`: its shape, whatever its schedule is.
 * An inline template is read as the workflow it is; a prompt stands for the whole template.
 */
export function readScheduled(content: Place, errors: InputErrors, readContent: ReadContent): WorkflowBrief {
  const { value, path } = content;
  const trigger = triggerOf(value, path, errors);
  const parameters = objectAt(value, 'parameters', path, errors);
  const context = { ...restUnder('trigger', trigger), ...(parameters && restUnder('parameters', parameters)) };
  const { workflow_template: template } = value;
  if (template === undefined) {
    const brief = readPromptAlone(content, 'workflow_template', errors);
    return { ...brief, context: { ...restOf(brief.context, ['trigger', 'parameters']), ...context } };
  }
  const brief = isJson(template)
    ? inlineBrief({ value: template, path: `${path}.workflow_template` }, errors, readContent)
    : namedBrief(content, errors);
  const lists = listsOf(undefined, content, errors);
  const rest = unreadOf(value, ['trigger', 'parameters', 'workflow_template']);
  return {
    ...brief,
    constraints: [...brief.constraints, ...lists.constraints],
    deliverables: [...brief.deliverables, ...lists.deliverables],
    technicalRequirements: [...brief.technicalRequirements, ...lists.technicalRequirements],
    successCriteria: [...brief.successCriteria, ...lists.successCriteria],
    context: { ...brief.context, ...rest, ...context },
  };
}

/** What of the trigger is not about its time. */
function triggerOf(content: Json, path: string, errors: InputErrors): Json {
  const trigger = objectAt(content, 'trigger', path, errors) ?? {};
  const triggerPath = `${path}.trigger`;
  choiceAt(trigger, 'type', ['time_based'], triggerPath, errors);
  for (const key of ['schedule', 'timezone']) textAt(trigger, key, triggerPath, errors, { required: false });
  return restOf(trigger, ['type', 'schedule', 'timezone']);
}

function inlineBrief({ value, path }: Place, errors: InputErrors, readContent: ReadContent): WorkflowBrief {
  const inputType = choiceAt(value, 'input_type', RUNNABLE, path, errors);
  if (value.input_type === undefined) errors.add(`${path}.input_type`, 'is required');
  const content = objectAt(value, 'content', path, errors);
  if (value.content === undefined) errors.add(`${path}.content`, 'is required');
  if (inputType === undefined || content === undefined) return EMPTY_BRIEF;
  return readContent(inputType, { value: content, path: `${path}.content` }, errors);
}

/** A stored template is known by its name until it is put in place of it. */
function namedBrief({ value, path }: Place, errors: InputErrors): WorkflowBrief {
  if (typeof value.workflow_template !== 'string') {
    errors.add(`${path}.workflow_template`, 'must be the name of a template or an object');
    return EMPTY_BRIEF;
  }
  const name = textAt(value, 'workflow_template', path, errors) ?? '';
  const key = promptKeyOf(value);
  return { ...EMPTY_BRIEF, objective: key === undefined ? name : (textAt(value, key, path, errors) ?? '') };
}
