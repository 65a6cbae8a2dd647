import { Ajv } from 'ajv';
import { RE2JS } from 're2js';
import { cutTo } from '../../../database/cut.rules.js';
import { OUTSIDE_SCHEMAS } from '../../../http/outside-schemas.rules.js';
import { withinTime } from '../../../tools/mcp/time-limit.js';
import { flagAt, integerAt, textAt, textsAt, type InputErrors, type Json } from '../../planning/input-fields.rules.js';
import type { Finding } from './finding.js';
import { jsonOf, membersOf } from './json-content.rules.js';

const CUSTOM_RULE_TYPES = [
  'required_fields',
  'max_length',
  'min_length',
  'pattern',
  'forbidden',
  'required_text',
  'json_schema',
] as const;
type CustomRuleType = (typeof CUSTOM_RULE_TYPES)[number];

/** A rule that a request brings along. */
export interface CustomRule {
  readonly name: string;
  /** Whether a result that breaks it is a failure, whatever the level; else it is only said. */
  readonly blocking: boolean;
  /** What is wrong with a result, as the end of a sentence that begins with the rule's name; undefined when nothing is. */
  readonly broken: (content: string) => string | undefined;
}

const MAX_RULES = 20;
const MAX_TEXTS = 50;
const MAX_TEXT = 500;
const MAX_SCHEMA = 20_000;
const MAX_LENGTH = 10_000_000;
/** Only a rule that is made to be slow, as by references that multiply, meets these. */
const COMPILE_MS = 500;
const CHECK_MS = 250;

type Check = CustomRule['broken'];
type Reader = (rule: Json, path: string, errors: InputErrors) => Check | undefined;

/** Reads `validation_rules` of the quality settings; a rule that cannot be used is added to `errors` and left out. */
export function readCustomRules(quality: Json, path: string, errors: InputErrors): CustomRule[] {
  const given = quality.validation_rules;
  const field = `${path}.validation_rules`;
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.length > MAX_RULES) {
    errors.add(field, `must be a list of at most ${MAX_RULES} rules`);
    return [];
  }
  const names = new Set<string>();
  return given.flatMap((rule: unknown, index) => {
    const at = `${field}[${index}]`;
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
      errors.add(at, 'must be an object');
      return [];
    }
    const read = readRule(rule as Json, at, errors);
    if (read !== undefined && names.has(read.name)) errors.add(`${at}.name`, 'is the name of another rule too');
    if (read !== undefined) names.add(read.name);
    return read ?? [];
  });
}

function readRule(rule: Json, path: string, errors: InputErrors): CustomRule | undefined {
  const name = textAt(rule, 'name', path, errors);
  if (name !== undefined && name.length > 60) errors.add(`${path}.name`, 'must have at most 60 characters');
  const blocking = flagAt(rule, 'blocking', path, errors) ?? false;
  const type = CUSTOM_RULE_TYPES.find((each) => each === rule.type);
  if (type === undefined) errors.add(`${path}.type`, `must be one of ${CUSTOM_RULE_TYPES.join(', ')}`);
  if (name === undefined || type === undefined) return undefined;
  const broken = READERS[type](rule, path, errors);
  return broken === undefined ? undefined : { name, blocking, broken };
}

const READERS: Readonly<Record<CustomRuleType, Reader>> = {
  required_fields: (rule, path, errors) => {
    const fields = textList(rule, 'fields', path, errors);
    return fields && ((content) => listed('lacks the fields', missingFrom(fields, content)));
  },
  max_length: (rule, path, errors) => {
    const most = lengthOf(rule, path, errors);
    return most === undefined
      ? undefined
      : (content) =>
          content.length > most ? `has ${content.length} characters, at most ${most} are allowed` : undefined;
  },
  min_length: (rule, path, errors) => {
    const least = lengthOf(rule, path, errors);
    return least === undefined
      ? undefined
      : (content) =>
          content.length < least ? `has ${content.length} characters, at least ${least} are needed` : undefined;
  },
  pattern: (rule, path, errors) => {
    const pattern = patternAt(rule, path, errors);
    return pattern && ((content) => (pattern.matcher(content).find() ? undefined : 'does not match the pattern'));
  },
  forbidden: (rule, path, errors) => {
    const texts = textList(rule, 'texts', path, errors);
    return (
      texts &&
      ((content) =>
        listed(
          'has what is forbidden:',
          texts.filter((text) => holds(content, text)),
        ))
    );
  },
  required_text: (rule, path, errors) => {
    const texts = textList(rule, 'texts', path, errors);
    return (
      texts &&
      ((content) =>
        listed(
          'lacks',
          texts.filter((text) => !holds(content, text)),
        ))
    );
  },
  json_schema: (rule, path, errors) => {
    const fits = schemaAt(rule, path, errors);
    return (
      fits &&
      ((content) => {
        const json = jsonOf(content);
        return json === undefined ? 'is not valid JSON' : fits(json.value);
      })
    );
  },
};

/** What the rules of a request find in a result. An `error` is of a rule that blocks. */
export const checkCustomRules = (rules: readonly CustomRule[], content: string): Finding[] =>
  rules.flatMap(({ name, blocking, broken }): Finding[] => {
    const what = brokenInTime(broken, content);
    if (what === undefined) return [];
    return [{ rule: name, severity: blocking ? 'error' : 'warning', message: `The result ${what}.` }];
  });

/** A result that a rule cannot be held against has not passed it. */
function brokenInTime(broken: Check, content: string): string | undefined {
  try {
    return withinTime(CHECK_MS, () => broken(content));
  } catch {
    return 'could not be checked: the rule takes too long, or refers to itself';
  }
}

const holds = (content: string, text: string): boolean => content.toLowerCase().includes(text.toLowerCase());

const listed = (what: string, items: readonly string[]): string | undefined =>
  items.length === 0 ? undefined : `${what} ${items.join(', ')}`;

function missingFrom(fields: readonly string[], content: string): readonly string[] {
  const members = membersOf(content);
  return members === undefined ? fields : fields.filter((name) => !Object.hasOwn(members, name));
}

function textList(rule: Json, key: string, path: string, errors: InputErrors): string[] | undefined {
  const before = errors.list.length;
  const texts = textsAt(rule, key, path, errors);
  if (errors.list.length > before) return undefined;
  if (texts.length >= 1 && texts.length <= MAX_TEXTS && texts.every((text) => text !== '' && text.length <= MAX_TEXT))
    return texts;
  errors.add(`${path}.${key}`, `must have 1 to ${MAX_TEXTS} texts of 1 to ${MAX_TEXT} characters`);
  return undefined;
}

function lengthOf(rule: Json, path: string, errors: InputErrors): number | undefined {
  if (rule.characters === undefined) errors.add(`${path}.characters`, 'is required');
  return integerAt(rule, 'characters', 0, MAX_LENGTH, path, errors);
}

function patternAt(rule: Json, path: string, errors: InputErrors): RE2JS | undefined {
  const source = textAt(rule, 'pattern', path, errors);
  if (source === undefined) return undefined;
  try {
    if (source.length <= MAX_TEXT) return RE2JS.compile(source);
    errors.add(`${path}.pattern`, `must have at most ${MAX_TEXT} characters`);
  } catch {
    errors.add(`${path}.pattern`, 'must be a regular expression in the syntax of RE2');
  }
  return undefined;
}

/** @returns how a value breaks the schema; undefined when it fits */
function schemaAt(rule: Json, path: string, errors: InputErrors): ((value: unknown) => string | undefined) | undefined {
  const field = `${path}.schema`;
  const { schema } = rule;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    errors.add(field, 'must be a JSON Schema');
    return undefined;
  }
  if (JSON.stringify(schema).length > MAX_SCHEMA) {
    errors.add(field, `must have at most ${MAX_SCHEMA} characters`);
    return undefined;
  }
  try {
    const ajv = new Ajv({ ...OUTSIDE_SCHEMAS, inlineRefs: false });
    const fits = withinTime(COMPILE_MS, () => ajv.compile(schema));
    return (value) =>
      fits(value)
        ? undefined
        : `does not fit the schema: ${cutTo(ajv.errorsText(fits.errors, { dataVar: 'result' }), MAX_TEXT)}`;
  } catch (error) {
    errors.add(field, `is no JSON Schema that can be used: ${cutTo(String(error), 200)}`);
    return undefined;
  }
}
