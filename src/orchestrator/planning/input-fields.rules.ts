import { Decimal } from 'decimal.js';
import type { FieldError } from '../../http/problem.js';

export type Json = Readonly<Record<string, unknown>>;

/** Longest prompt, in characters. */
const MAX_PROMPT_LENGTH = 200_000;
/** In one list of texts. */
const MAX_TEXTS = 1000;

export class InputErrors {
  readonly list: FieldError[] = [];

  add(field: string, message: string): void {
    this.list.push({ field, message });
  }
}

export function objectAt(parent: Json, key: string, path: string, errors: InputErrors): Json | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  errors.add(`${path}.${key}`, 'must be an object');
  return undefined;
}

export function textAt(
  parent: Json,
  key: string,
  path: string,
  errors: InputErrors,
  { required } = { required: true },
): string | undefined {
  const value = parent[key];
  const field = `${path}.${key}`;
  if (value === undefined) {
    if (required) errors.add(field, 'is required');
    return undefined;
  }
  if (typeof value !== 'string' || value.trim() === '') {
    errors.add(field, 'must be a text that is not empty');
    return undefined;
  }
  if (value.length > MAX_PROMPT_LENGTH) {
    errors.add(field, `must have at most ${MAX_PROMPT_LENGTH} characters`);
    return undefined;
  }
  return value;
}

/** A list of texts; each that is none is named by its place, and an empty list comes back. */
export function textsAt(parent: Json, key: string, path: string, errors: InputErrors): string[] {
  const value = parent[key];
  const field = `${path}.${key}`;
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    errors.add(field, 'must be a list of texts');
    return [];
  }
  if (value.length > MAX_TEXTS) {
    errors.add(field, `must have at most ${MAX_TEXTS} items`);
    return [];
  }
  const wrong = value.findIndex((item) => typeof item !== 'string' || item.trim() === '');
  if (wrong === -1) return value as string[];
  errors.add(`${field}[${wrong}]`, 'must be a text that is not empty');
  return [];
}

export function integerAt(
  parent: Json,
  key: string,
  min: number,
  max: number,
  path: string,
  errors: InputErrors,
): number | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  errors.add(`${path}.${key}`, `must be a whole number from ${min} to ${max}`);
  return undefined;
}

export function costAt(parent: Json, key: string, path: string, errors: InputErrors): string | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  const isCost = typeof value === 'number' && value > 0 && value <= 1_000_000;
  if (isCost) return new Decimal(value).toDecimalPlaces(10, Decimal.ROUND_UP).toFixed();
  errors.add(`${path}.${key}`, 'must be more than 0 and at most 1000000');
  return undefined;
}

export function choiceAt<Choice extends string>(
  parent: Json,
  key: string,
  choices: readonly Choice[],
  path: string,
  errors: InputErrors,
): Choice | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) errors.add(`${path}.${key}`, `must be one of ${choices.join(', ')}`);
  return found;
}

export function numberAt(
  parent: Json,
  key: string,
  { above, most }: { readonly above: number; readonly most: number },
  path: string,
  errors: InputErrors,
): number | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value > above && value <= most) return value;
  errors.add(`${path}.${key}`, `must be a number above ${above} and at most ${most}`);
  return undefined;
}

export function flagAt(parent: Json, key: string, path: string, errors: InputErrors): boolean | undefined {
  const value = parent[key];
  if (value === undefined || typeof value === 'boolean') return value;
  errors.add(`${path}.${key}`, 'must be true or false');
  return undefined;
}
