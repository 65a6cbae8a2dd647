import type { InputType } from '../workflows/workflow.values.js';
import type { InputErrors, Json } from './input-fields.rules.js';
import { readPromptAlone, type Place } from './inputs/content-parts.rules.js';
import { readContinuation } from './inputs/continuation.rules.js';
import { readGoal } from './inputs/goal.rules.js';
import { readReactive } from './inputs/reactive.rules.js';
import { readScheduled } from './inputs/scheduled.rules.js';
import { readStructuredTask } from './inputs/structured-task.rules.js';
import type { WorkflowBrief } from './inputs/workflow-brief.js';

export type { WorkflowBrief } from './inputs/workflow-brief.js';

type Reader = (content: Place, errors: InputErrors) => WorkflowBrief;

const READERS: Readonly<Record<InputType, Reader>> = {
  user_prompt: (content, errors) => readPromptAlone(content, undefined, errors),
  structured_task: readStructuredTask,
  goal_workflow: readGoal,
  scheduled_workflow: (content, errors) => readScheduled(content, errors, readContent),
  reactive_workflow: readReactive,
  continuation_workflow: readContinuation,
};

const readContent = (inputType: InputType, content: Place, errors: InputErrors): WorkflowBrief =>
  READERS[inputType](content, errors);

/**
 * Reads the content of an input type; what is missing or of the wrong kind is added to `errors` by its dotted path.
 * Of a continuation it knows only what the content says: `readRequest` adds what it inherits.
 */
export const readBrief = (inputType: InputType, content: Json, errors: InputErrors): WorkflowBrief =>
  readContent(inputType, { value: content, path: 'content' }, errors);
