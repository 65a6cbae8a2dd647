import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { OUTSIDE_SCHEMAS } from '../../http/outside-schemas.rules.js';
import { unacceptableIn } from '../../http/plain-json.rules.js';
import type { ForeignSchema, ParameterError, ParametersSchema } from '../tool.js';

/** As JSON in UTF-8; as much as a request may have. */
const MAX_PARAMETERS_BYTES = 1024 * 1024;
/** Members and items in all: a validator that names every error would write one for each. */
export const MAX_PARAMETER_VALUES = 10_000;
export const MAX_PARAMETERS_DEPTH = 32;
/** Told of one call; whoever has more mends these first. */
const MAX_ERRORS = 50;

/** What is wrong with parameters as they came; nothing: they are valid. */
export type ParameterCheck = (parameters: unknown) => readonly ParameterError[];

const ajv = new Ajv2020({
  ...OUTSIDE_SCHEMAS,
  // A word that is unknown is a mistake of the tool's: it would hold nobody to anything.
  strictSchema: true,
  strictNumbers: true,
  allErrors: true,
  addUsedSchema: false,
});

/** @throws Error in one sentence when a model or a caller could not be held to the schema */
export function parameterCheckOf(schema: ParametersSchema | ForeignSchema): ParameterCheck {
  const { type, properties, additionalProperties } = schema as Partial<Record<keyof ParametersSchema, unknown>>;
  if (type !== 'object' || typeof properties !== 'object' || properties === null || additionalProperties !== false) {
    throw new Error('its schema is not of an object that names all its properties');
  }
  let validate;
  try {
    validate = ajv.compile(schema);
  } catch (error) {
    throw new Error(`its schema is not usable (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  } finally {
    // The validator is all that is needed of it; schemas of servers that come and go would add up.
    ajv.removeSchema(schema);
  }
  return (parameters) => {
    const unbounded = outOfBounds(parameters);
    if (unbounded !== undefined) return [unbounded];
    if (validate(parameters)) return [];
    return told(validate.errors ?? []);
  };
}

/** Whether parameters are JSON of a size that can be checked and kept. */
export function outOfBounds(parameters: unknown): ParameterError | undefined {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return { field: 'parameters', message: 'must be an object' };
  }
  const tooMuch = tooManyOrDeep(parameters);
  if (tooMuch !== undefined) return { field: 'parameters', message: tooMuch };
  const unacceptable = unacceptableIn(parameters);
  if (unacceptable !== undefined) {
    return unacceptable.field === 'body' ? { ...unacceptable, field: 'parameters' } : unacceptable;
  }
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  if (bytes > MAX_PARAMETERS_BYTES) {
    return { field: 'parameters', message: `must have at most ${MAX_PARAMETERS_BYTES} bytes as JSON, not ${bytes}` };
  }
  return undefined;
}

function tooManyOrDeep(root: object): string | undefined {
  const pending = [{ value: root, depth: 1 }];
  let values = 0;
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    if (visit.depth > MAX_PARAMETERS_DEPTH) return `must not be nested deeper than ${MAX_PARAMETERS_DEPTH} levels`;
    for (const value of Object.values(visit.value) as unknown[]) {
      values += 1;
      if (values > MAX_PARAMETER_VALUES) return `must have at most ${MAX_PARAMETER_VALUES} values in all`;
      if (typeof value === 'object' && value !== null) pending.push({ value, depth: visit.depth + 1 });
    }
  }
  return undefined;
}

/** One of each: alternatives fail in several ways at one place, and the last says that none fits. */
function told(errors: readonly ErrorObject[]): ParameterError[] {
  const byText = new Map(errors.map(presented).map((error) => [`${error.field}\n${error.message}`, error]));
  return [...byText.values()].slice(0, MAX_ERRORS);
}

function presented({ keyword, instancePath, params, message }: ErrorObject): ParameterError {
  const own = fieldOf(instancePath);
  const field = own === '' ? 'parameters' : own;
  switch (keyword) {
    case 'required':
      return { field: joined(own, String(params['missingProperty'])), message: 'is required' };
    case 'additionalProperties':
      return { field: joined(own, String(params['additionalProperty'])), message: 'is no parameter of this tool' };
    case 'enum':
      return { field, message: `must be one of ${JSON.stringify(params['allowedValues'])}` };
    case 'const':
      return { field, message: `must be ${JSON.stringify(params['allowedValue'])}` };
    default:
      return { field, message: message ?? 'is not valid' };
  }
}

/** `/argv/2` as `argv[2]`. */
function fieldOf(pointer: string): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((field, part) => (/^\d+$/.test(part) ? `${field}[${part}]` : joined(field, part)), '');
}

function joined(field: string, name: string): string {
  const shown = name === '' ? '""' : name;
  return field === '' ? shown : `${field}.${shown}`;
}
