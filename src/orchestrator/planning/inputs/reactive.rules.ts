import { objectAt, textAt, type InputErrors } from '../input-fields.rules.js';
import {
  freeTextAt,
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

/** `{trigger_event: {type, source, details}, response_strategy}`; a prompt alone describes the event. */
export function readReactive(content: Place, errors: InputErrors): WorkflowBrief {
  const responseStrategy = freeTextAt(content, 'response_strategy', errors);
  if (content.value.trigger_event === undefined) {
    const brief = readPromptAlone(content, 'trigger_event', errors);
    const objective = brief.objective === '' ? '' : `React to this event: ${brief.objective}`;
    return { ...brief, objective, responseStrategy, context: restOf(brief.context, ['response_strategy']) };
  }
  const given = objectAt(content.value, 'trigger_event', content.path, errors);
  if (given === undefined) return EMPTY_BRIEF;
  const path = `${content.path}.trigger_event`;
  const { details } = given;
  if (details !== undefined && !isJson(details) && typeof details !== 'string')
    errors.add(`${path}.details`, 'must be an object or a text');
  const type = textAt(given, 'type', path, errors) ?? '';
  const source = textAt(given, 'source', path, errors, { required: false });
  const key = promptKeyOf(content.value);
  const rest = unreadOf(content.value, ['trigger_event', 'response_strategy', ...(key === undefined ? [] : [key])]);
  return {
    ...EMPTY_BRIEF,
    objective: key === undefined ? reactionTo(type, source) : (textAt(content.value, key, content.path, errors) ?? ''),
    ...listsOf(undefined, content, errors),
    event: { type, source, details },
    responseStrategy,
    context: { ...rest, ...restUnder('trigger_event', restOf(given, ['type', 'source', 'details'])) },
  };
}

const reactionTo = (type: string, source: string | undefined): string =>
  `React to the event ${type}${source === undefined ? '' : ` from ${source}`}.`;
