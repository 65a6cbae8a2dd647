import type { FieldError } from '../../http/problem.js';
import type { VariableType } from './prompt-template.values.js';

export const MAX_CONTENT_LENGTH = 100_000;
export const MAX_VARIABLES = 100;
/** Placeholders of one variable: what is rendered grows with the values by at most this factor. */
const MAX_OCCURRENCES = 10;
/** Named in one answer; more help nobody. */
const MAX_ERRORS = 20;

const VARIABLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
export const TEMPLATE_NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

export interface TemplateVariable {
  readonly name: string;
  readonly type: VariableType;
  readonly required: boolean;
  readonly description?: string;
}

/** A prompt with `{{name}}` where the value of a variable goes. */
export interface TemplateText {
  readonly content: string;
  readonly variables: readonly TemplateVariable[];
}

type Part = { readonly text: string } | { readonly name: string };

/** A template that was checked and is ready to be rendered. */
export interface CompiledTemplate {
  readonly parts: readonly Part[];
  readonly variables: readonly TemplateVariable[];
}

/** What keeps a template from being used, field by field; empty when nothing does. */
export function templateErrors({ content, variables }: TemplateText): FieldError[] {
  if (content.trim() === '') return [{ field: 'content', message: 'must not be empty' }];
  if (content.length > MAX_CONTENT_LENGTH)
    return [{ field: 'content', message: `must have at most ${MAX_CONTENT_LENGTH} characters` }];
  if (variables.length > MAX_VARIABLES)
    return [{ field: 'variables', message: `must be at most ${MAX_VARIABLES} variables` }];
  const { parts, errors } = parse(content);
  const inContent = errors.map((message) => ({ field: 'content', message }));
  return [...variableErrors(variables), ...inContent, ...usageErrors(parts, variables)].slice(0, MAX_ERRORS);
}

/** @throws Error naming what `templateErrors` finds */
export function compiled(template: TemplateText): CompiledTemplate {
  const errors = templateErrors(template);
  if (errors.length > 0) throw new Error(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
  return { parts: parse(template.content).parts, variables: template.variables };
}

/**
 * Puts the values in place of the placeholders, in one pass: what stands in a value is text, also when it looks like a placeholder.
 * A list becomes lines `- item`, json is indented by two.
 * @throws Error when a required value is missing (undefined or null), is of another type, or belongs to no variable
 */
export function rendered({ parts, variables }: CompiledTemplate, values: Readonly<Record<string, unknown>>): string {
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  const stray = Object.keys(values).find((name) => !known.has(name));
  if (stray !== undefined) throw new Error(`The template has no variable ${stray}.`);
  const texts = new Map(
    variables.map((variable) => {
      const value = Object.hasOwn(values, variable.name) ? values[variable.name] : undefined;
      return [variable.name, textOf(variable, value)];
    }),
  );
  return parts.map((part) => ('text' in part ? part.text : (texts.get(part.name) ?? ''))).join('');
}

/** Whether what is given for the one's variables can be given for the other's: the same names, types and duties. */
export function takesTheSame(one: readonly TemplateVariable[], other: readonly TemplateVariable[]): boolean {
  return one.length === other.length && mismatches(one, other).length === 0;
}

/** How `given` differs from the variables that NYX fills, one sentence each. */
export function mismatches(given: readonly TemplateVariable[], filled: readonly TemplateVariable[]): string[] {
  const byName = new Map(given.map((variable) => [variable.name, variable]));
  const names = new Set(filled.map(({ name }) => name));
  return [
    ...filled.flatMap(({ name, type, required }) => {
      const found = byName.get(name);
      if (found?.type === type && found.required === required) return [];
      return [`NYX fills ${name}, ${required ? 'a required' : 'an optional'} ${type}; declare it so`];
    }),
    ...given.filter(({ name }) => !names.has(name)).map(({ name }) => `NYX has no value for ${name}`),
  ];
}

/** Whether the declarations are equal word for word. */
export const sameVariables = (one: readonly TemplateVariable[], other: readonly TemplateVariable[]): boolean =>
  wordsOf(one) === wordsOf(other);

/** Independent of the order of members, which jsonb does not keep. */
const wordsOf = (variables: readonly TemplateVariable[]): string =>
  JSON.stringify(variables.map(({ name, type, required, description }) => [name, type, required, description ?? null]));

/** Looks at every character once, whatever stands there. */
function parse(content: string): { readonly parts: readonly Part[]; readonly errors: readonly string[] } {
  const parts: Part[] = [];
  const errors: string[] = [];
  const complain = (at: number, what: string): void => {
    if (errors.length < MAX_ERRORS) errors.push(`${what} (at character ${at + 1})`);
  };
  let textFrom = 0;
  let open: number | undefined;
  for (const { 0: braces, index } of content.matchAll(/\{\{|\}\}/g)) {
    if (braces === '{{') {
      if (open !== undefined) complain(open, '{{ is not closed');
      if (index > textFrom) parts.push({ text: content.slice(textFrom, index) });
      [open, textFrom] = [index, index];
    } else if (open === undefined) {
      complain(index, '}} closes nothing; write a space between braces that are meant as text');
    } else {
      const name = content.slice(open + 2, index).trim();
      if (VARIABLE_NAME.test(name)) parts.push({ name });
      else complain(open, 'between {{ and }} must stand one name of letters, digits and _, beginning with a letter');
      [open, textFrom] = [undefined, index + 2];
    }
  }
  if (open !== undefined) complain(open, '{{ is not closed');
  if (textFrom < content.length) parts.push({ text: content.slice(textFrom) });
  return { parts, errors };
}

function variableErrors(variables: readonly TemplateVariable[]): FieldError[] {
  const seen = new Set<string>();
  return variables.flatMap(({ name }, index) => {
    const field = `variables.${index}.name`;
    if (!VARIABLE_NAME.test(name))
      return [{ field, message: 'must be 1 to 64 letters, digits and _, beginning with a letter' }];
    if (seen.has(name)) return [{ field, message: `${name} is declared twice` }];
    seen.add(name);
    return [];
  });
}

function usageErrors(parts: readonly Part[], variables: readonly TemplateVariable[]): FieldError[] {
  const uses = new Map<string, number>();
  for (const part of parts) if ('name' in part) uses.set(part.name, (uses.get(part.name) ?? 0) + 1);
  const declared = new Set(variables.map(({ name }) => name));
  const ofContent = [...uses].flatMap(([name, count]) => {
    if (!declared.has(name)) return [`{{${name}}} is not among the variables`];
    return count > MAX_OCCURRENCES ? [`{{${name}}} stands ${count} times, at most ${MAX_OCCURRENCES} are allowed`] : [];
  });
  const unused = variables.flatMap(({ name }, index) =>
    uses.has(name) ? [] : [{ field: `variables.${index}.name`, message: `${name} does not stand in the content` }],
  );
  return [...ofContent.map((message) => ({ field: 'content', message })), ...unused];
}

function textOf({ name, type, required }: TemplateVariable, value: unknown): string {
  if (value === undefined || value === null) {
    if (required) throw new Error(`The template's variable ${name} has no value.`);
    return '';
  }
  if (type === 'text' && typeof value === 'string') return value;
  if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (type === 'list' && isTexts(value)) return value.map((item) => `- ${item}`).join('\n');
  if (type === 'json') return JSON.stringify(value, null, 2);
  throw new Error(`The value of the template's variable ${name} is no ${type}.`);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
