import { InputErrors, objectAt, type Json } from '../../planning/input-fields.rules.js';
import { readCustomRules, type CustomRule } from './custom-rules.rules.js';
import { FIELD_TYPES, type FieldType } from './validation-rule.js';

/** What a request says of its result beside the settings that every step knows: it may be long, so it stays in the row. */
export interface QualityRequest {
  readonly customRules: readonly CustomRule[];
  readonly outputFields: Readonly<Record<string, FieldType | null>>;
}

const PATH = 'execution_context.quality_settings';
const MAX_FIELDS = 50;
const MAX_CRITERIA = 50;
const MAX_CRITERION = 2_000;

export function readQualityRequest(executionContext: Json, errors: InputErrors): QualityRequest {
  // That it is an object at all the settings say.
  const quality = objectAt(executionContext, 'quality_settings', 'execution_context', new InputErrors()) ?? {};
  return { customRules: readCustomRules(quality, PATH, errors), outputFields: readOutputFields(quality, errors) };
}

function readOutputFields(quality: Json, errors: InputErrors): QualityRequest['outputFields'] {
  const given = objectAt(quality, 'output_fields', PATH, errors) ?? {};
  const field = `${PATH}.output_fields`;
  const names = Object.keys(given);
  if (names.length > MAX_FIELDS) errors.add(field, `must have at most ${MAX_FIELDS} fields`);
  const isType = (value: unknown): value is FieldType | null =>
    value === null || FIELD_TYPES.some((type) => type === value);
  for (const name of names.filter((each) => !isType(given[each]))) {
    errors.add(`${field}.${name}`, `must be null or one of ${FIELD_TYPES.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, FieldType | null] => isType(entry[1])),
  );
}

/**
 * Those that are checked one by one; none when they are too many or too long.
 * @param field where they stand in the request
 */
export function readSuccessCriteria(
  criteria: readonly string[],
  errors: InputErrors,
  field = 'content.success_criteria',
): string[] {
  if (criteria.length <= MAX_CRITERIA && criteria.every((text) => text.length <= MAX_CRITERION))
    return criteria.filter((text) => text.trim() !== '');
  errors.add(field, `must have at most ${MAX_CRITERIA} criteria of at most ${MAX_CRITERION} characters`);
  return [];
}
