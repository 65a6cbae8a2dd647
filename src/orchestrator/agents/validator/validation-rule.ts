import type { ValidationLevel } from '../../planning/execution-settings.rules.js';

/** What the rules look at. */
export interface Judged {
  readonly content: string;
  /** What the workflow was to do. */
  readonly objective: string;
  /** Members that a JSON result has to have, with their types where those are said. */
  readonly outputFields: Readonly<Record<string, FieldType | null>>;
}

export const FIELD_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** What a rule says. Its message never repeats what must not be shown. */
export interface RuleFinding {
  readonly message: string;
  /** Default: the rule's own. */
  readonly blocking?: boolean;
}

/** A check that costs nothing: pure, by the text alone, in time linear in its length. */
export abstract class ValidationRule {
  /** Unique; findings name it. */
  abstract readonly name: string;
  /** The lowest level it runs at; `always`: also where none was asked for. */
  abstract readonly from: ValidationLevel | 'always';
  /** The lowest level at which what it finds blocks; before, it is only said. */
  abstract readonly blocksFrom: ValidationLevel;
  abstract check(judged: Judged): readonly RuleFinding[];
}
