import { CompletenessRule } from './rules/completeness.rule.js';
import { ConsistencyRule } from './rules/consistency.rule.js';
import { ContentLengthRule } from './rules/content-length.rule.js';
import { FieldTypesRule } from './rules/field-types.rule.js';
import { ForbiddenContentRule } from './rules/forbidden-content.rule.js';
import { JsonFormatRule } from './rules/json-format.rule.js';
import { PromptInjectionRule } from './rules/prompt-injection.rule.js';
import { RequiredFieldsRule } from './rules/required-fields.rule.js';
import { SensitiveDataRule } from './rules/sensitive-data.rule.js';
import type { ValidationRule } from './validation-rule.js';

/** One line a rule, in the order of their findings. */
export const validationRules: (new (...dependencies: never[]) => ValidationRule)[] = [
  JsonFormatRule,
  ContentLengthRule,
  RequiredFieldsRule,
  FieldTypesRule,
  ConsistencyRule,
  CompletenessRule,
  ForbiddenContentRule,
  SensitiveDataRule,
  PromptInjectionRule,
];
