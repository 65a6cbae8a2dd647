import { textAt, textsAt, type InputErrors, type Json } from '../input-fields.rules.js';
import { EMPTY_BRIEF, type WorkflowBrief } from './workflow-brief.js';

/** An object inside a content, with the path that errors name it by. */
export interface Place {
  readonly value: Json;
  readonly path: string;
}

const LISTS = ['constraints', 'deliverables', 'technical_requirements', 'success_criteria'] as const;

type Lists = Pick<WorkflowBrief, 'constraints' | 'deliverables' | 'technicalRequirements' | 'successCriteria'>;

/** The lists wherever they stand: in `nested`, beside it, or in the content's own `context`. */
export function listsOf(nested: Place | undefined, content: Place, errors: InputErrors): Lists {
  const { context } = content.value;
  const places = [
    ...(nested === undefined ? [] : [nested]),
    content,
    ...(isJson(context) ? [{ value: context, path: `${content.path}.context` }] : []),
  ];
  const texts = (key: (typeof LISTS)[number]): string[] =>
    places.flatMap(({ value, path }) => textsAt(value, key, path, errors));
  return {
    constraints: texts('constraints'),
    deliverables: texts('deliverables'),
    technicalRequirements: texts('technical_requirements'),
    successCriteria: texts('success_criteria'),
  };
}

/** The members that are not `known`. */
export const restOf = (value: Json, known: readonly string[]): Json =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !known.includes(key)));

/** The members of a place that are neither `known` nor lists. */
export const unreadOf = (value: Json, known: readonly string[]): Json => restOf(value, [...known, ...LISTS]);

/** `{[key]: rest}`, or nothing when nothing is left. */
export const restUnder = (key: string, rest: Json): Json => (Object.keys(rest).length === 0 ? {} : { [key]: rest });

/** `prompt`, or `content` where that is not there; undefined when neither is. */
export function promptKeyOf(content: Json): 'prompt' | 'content' | undefined {
  if (content.prompt !== undefined) return 'prompt';
  return content.content === undefined ? undefined : 'content';
}

/** A content that is a prompt alone, which every type but a continuation takes. `instead` is what the type has for it. */
export function readPromptAlone(content: Place, instead: string | undefined, errors: InputErrors): WorkflowBrief {
  const { value, path } = content;
  const key = promptKeyOf(value);
  if (key === undefined) {
    errors.add(`${path}.prompt`, instead === undefined ? 'is required' : `is required, or ${path}.${instead}`);
    return EMPTY_BRIEF;
  }
  return {
    ...EMPTY_BRIEF,
    objective: textAt(value, key, path, errors) ?? '',
    ...listsOf(undefined, content, errors),
    context: unreadOf(value, [key]),
  };
}

/** A text, or an object as JSON; undefined when it is not there. */
export function freeTextAt({ value, path }: Place, key: string, errors: InputErrors): string | undefined {
  const given = value[key];
  if (isJson(given)) return JSON.stringify(given, null, 2);
  if (given === undefined || typeof given === 'string') return textAt(value, key, path, errors, { required: false });
  errors.add(`${path}.${key}`, 'must be a text or an object');
  return undefined;
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
