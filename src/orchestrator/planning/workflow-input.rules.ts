import type { InputType } from '../workflows/workflow.values.js';
import { objectAt, textAt, textsAt, type InputErrors, type Json } from './input-fields.rules.js';

/** What a workflow is to do, the same for every input type. */
export interface WorkflowBrief {
  readonly objective: string;
  readonly constraints: readonly string[];
  readonly deliverables: readonly string[];
  readonly technicalRequirements: readonly string[];
}

/** Reads the content of an input type; what is missing or of the wrong kind is added to `errors`. */
export function readBrief(inputType: InputType, content: Json, errors: InputErrors): WorkflowBrief {
  const task = inputType === 'structured_task' ? objectAt(content, 'task_definition', 'content', errors) : undefined;
  const objective =
    task === undefined
      ? promptOf(content, inputType, errors)
      : textAt(task, 'primary_objective', 'content.task_definition', errors);
  const places: readonly [Json, string][] =
    task === undefined
      ? [[content, 'content']]
      : [
          [task, 'content.task_definition'],
          [content, 'content'],
        ];
  const texts = (key: string): string[] => places.flatMap(([place, path]) => textsAt(place, key, path, errors));
  return {
    objective: objective ?? '',
    constraints: texts('constraints'),
    deliverables: texts('deliverables'),
    technicalRequirements: texts('technical_requirements'),
  };
}

function promptOf(content: Json, inputType: InputType, errors: InputErrors): string | undefined {
  if (content.prompt !== undefined) return textAt(content, 'prompt', 'content', errors);
  if (content.content !== undefined) return textAt(content, 'content', 'content', errors);
  const alternative = inputType === 'structured_task' ? ' or content.task_definition' : '';
  errors.add('content.prompt', `is required${alternative}`);
  return undefined;
}
