import type { FieldError } from '../../http/problem.js';
import { valueAt } from '../workflow-templates/template-text.rules.js';

export const CONDITION_OPERATORS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'contains', 'exists'] as const;
type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

export type Scalar = string | number | boolean | null;

/** What must hold of a member of an event's details. */
export interface Condition {
  /** Names of members, with dots between them; places in lists are numbers. */
  readonly path: string;
  readonly operator: ConditionOperator;
  readonly value?: Scalar;
}

export const MAX_CONDITIONS = 20;
/** One to ten names. */
export const CONDITION_PATH = /^[^.\s]{1,64}(?:\.[^.\s]{1,64}){0,9}$/;

/** Conditions that no event could be held against, by their fields. */
export function conditionErrors(conditions: readonly Condition[]): FieldError[] {
  return conditions.flatMap(({ operator, value }, index) => {
    const message = wrongValue(operator, value);
    return message === undefined ? [] : [{ field: `conditions.${index}.value`, message }];
  });
}

/** Whether all hold. What is missing equals nothing, is neither more nor less than anything, and holds nothing. */
export const allHold = (conditions: readonly Condition[], details: unknown): boolean =>
  conditions.every((condition) => holds(condition, valueAt(details, condition.path)));

function holds({ operator, value }: Condition, found: unknown): boolean {
  switch (operator) {
    case 'exists':
      return (found !== undefined) === (value ?? true);
    case 'eq':
      return found === value;
    case 'ne':
      return found !== value;
    case 'contains':
      return Array.isArray(found)
        ? found.includes(value)
        : typeof found === 'string' && typeof value === 'string' && found.includes(value);
    case 'gt':
      return compared(found, value) > 0;
    case 'gte':
      return compared(found, value) >= 0;
    case 'lt':
      return compared(found, value) < 0;
    case 'lte':
      return compared(found, value) <= 0;
  }
}

/** Numbers with numbers, texts with texts by their characters (so times of one form by time); else NaN, of which nothing holds. */
function compared(found: unknown, value: Scalar | undefined): number {
  if (typeof found === 'number' && typeof value === 'number') return found - value;
  if (typeof found !== 'string' || typeof value !== 'string') return Number.NaN;
  return found === value ? 0 : found > value ? 1 : -1;
}

function wrongValue(operator: ConditionOperator, value: Scalar | undefined): string | undefined {
  if (operator === 'exists') {
    return value === undefined || typeof value === 'boolean' ? undefined : 'must be true or false, or absent';
  }
  if (value === undefined) return 'is required';
  const isOrdered = typeof value === 'number' || typeof value === 'string';
  return ['eq', 'ne', 'contains'].includes(operator) || isOrdered ? undefined : 'must be a number or a text';
}
