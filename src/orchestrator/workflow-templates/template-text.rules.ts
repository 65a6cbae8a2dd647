import type { FieldError } from '../../http/problem.js';
import type { Json } from '../planning/input-fields.rules.js';

/** What stands between `{{` and `}}`: the name of a parameter, or a path into the event that set a trigger off. Other braces are text. */
const PLACEHOLDER = /\{\{\s*([A-Za-z][A-Za-z0-9_]{0,63}|event(?:\.[A-Za-z0-9_-]{1,64}){1,10})\s*\}\}/g;

/** Characters of all texts of a filled template together; a request may not be longer either. */
const MAX_FILLED_LENGTH = 1_000_000;

/** Gives the value of a placeholder, undefined when it has none. */
export type ValueOf = (name: string) => unknown;

/** Every placeholder in the texts of a JSON value, once. */
export function placeholdersIn(value: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  mapTexts(value, (text) => {
    for (const [, name = ''] of text.matchAll(PLACEHOLDER)) names.add(name);
    return text;
  });
  return names;
}

/**
 * A JSON value with the placeholders in its texts filled, in one pass: what stands in a value is text, also when it looks like
 * a placeholder. Names of members are not filled. What has no value, and what gets too long, is told in `errors` by its field.
 */
export function filled<Value>(value: Value, valueOf: ValueOf, errors: FieldError[]): Value {
  const missing = new Set<string>();
  const texts = new Map<string, string>();
  let length = 0;
  const fill = (text: string): string => {
    if (length > MAX_FILLED_LENGTH) return '';
    const result = text.replace(PLACEHOLDER, (whole: string, name: string) => {
      const found = valueOf(name);
      if (found === undefined) missing.add(name);
      if (length > MAX_FILLED_LENGTH) return '';
      // A large value may stand in a text a thousand times.
      const inserted = texts.get(name) ?? (found === undefined ? whole : textOf(found));
      if (found !== undefined) texts.set(name, inserted);
      length += inserted.length;
      return length > MAX_FILLED_LENGTH ? '' : inserted;
    });
    length += text.length;
    return result;
  };
  const result = mapTexts(value, fill);
  for (const name of missing) errors.push({ field: `parameters.${name}`, message: 'is missing: the template has it' });
  if (length > MAX_FILLED_LENGTH)
    errors.push({ field: 'parameters', message: `fill more than ${MAX_FILLED_LENGTH} characters into the template` });
  return result as Value;
}

/** The values that parameters give; those of the prototype are none. */
export const valuesOf =
  (parameters: Json): ValueOf =>
  (name) =>
    Object.hasOwn(parameters, name) ? parameters[name] : undefined;

/** The value at a dotted path of own members; undefined when there is none. */
export function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Json)[key];
  }, root);
}

/** A text as it is, everything else as JSON. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, change)]));
}
