import { VALIDATION_LEVELS } from '../execution-settings.rules.js';
import { choiceAt, flagAt, objectAt, textAt, type InputErrors, type Json } from '../input-fields.rules.js';
import { listsOf, readPromptAlone, restOf, restUnder, unreadOf, type Place } from './content-parts.rules.js';
import { EMPTY_BRIEF, type AskedSettings, type WorkflowBrief } from './workflow-brief.js';

/** `{task_definition: {primary_objective, constraints[], deliverables[], quality_requirements}, context}`. */
export function readStructuredTask(content: Place, errors: InputErrors): WorkflowBrief {
  if (content.value.task_definition === undefined) return readPromptAlone(content, 'task_definition', errors);
  const task = objectAt(content.value, 'task_definition', content.path, errors);
  if (task === undefined) return EMPTY_BRIEF;
  const path = `${content.path}.task_definition`;
  const quality = objectAt(task, 'quality_requirements', path, errors) ?? {};
  const unreadQuality = restOf(quality, ['validation_level', 'review_required']);
  const unread = {
    ...unreadOf(task, ['primary_objective', 'quality_requirements']),
    ...restUnder('quality_requirements', unreadQuality),
  };
  return {
    ...EMPTY_BRIEF,
    objective: textAt(task, 'primary_objective', path, errors) ?? '',
    ...listsOf({ value: task, path }, content, errors),
    asked: qualityOf(quality, `${path}.quality_requirements`, errors),
    context: { ...unreadOf(content.value, ['task_definition']), ...restUnder('task_definition', unread) },
  };
}

function qualityOf(quality: Json, path: string, errors: InputErrors): AskedSettings {
  return {
    validationLevel: choiceAt(quality, 'validation_level', VALIDATION_LEVELS, path, errors),
    requireHumanReview: flagAt(quality, 'review_required', path, errors),
  };
}
