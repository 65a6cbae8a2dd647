import { isUuid } from '../../../http/uuid.rules.js';
import { choiceAt, textAt, textsAt, type InputErrors, type Json } from '../input-fields.rules.js';
import { listsOf, promptKeyOf, unreadOf, type Place } from './content-parts.rules.js';
import { CONTEXT_INHERITANCES, CONTINUATION_TYPES, type Continuation } from './inheritance.js';
import { EMPTY_BRIEF, type WorkflowBrief } from './workflow-brief.js';

/**
 * `{parent_workflow_id, continuation_type, additional_requirements[], context_inheritance}`. It extends, and inherits all, when
 * it does not say. Its objective is its prompt, or its parent's objective when it has none.
 */
export function readContinuation(content: Place, errors: InputErrors): WorkflowBrief {
  const { value, path } = content;
  const key = promptKeyOf(value);
  const known = ['parent_workflow_id', 'continuation_type', 'additional_requirements', 'context_inheritance'];
  return {
    ...EMPTY_BRIEF,
    objective: key === undefined ? '' : (textAt(value, key, path, errors) ?? ''),
    ...listsOf(undefined, content, errors),
    additionalRequirements: textsAt(value, 'additional_requirements', path, errors),
    continuation: continuationOf(value, path, errors),
    context: unreadOf(value, key === undefined ? known : [...known, key]),
  };
}

function continuationOf(content: Json, path: string, errors: InputErrors): Continuation | undefined {
  const type = choiceAt(content, 'continuation_type', CONTINUATION_TYPES, path, errors) ?? 'extend';
  const inherits = choiceAt(content, 'context_inheritance', CONTEXT_INHERITANCES, path, errors) ?? 'full';
  const { parent_workflow_id: parent } = content;
  if (typeof parent === 'string' && isUuid(parent)) return { parentWorkflowId: parent.toLowerCase(), type, inherits };
  errors.add(`${path}.parent_workflow_id`, parent === undefined ? 'is required' : 'must be the id of a workflow');
  return undefined;
}
