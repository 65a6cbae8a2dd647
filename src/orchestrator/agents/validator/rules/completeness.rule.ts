import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

const PLACEHOLDERS: readonly RegExp[] = [
  /\b(?:TBD|FIXME|XXX)\b/,
  /\bTO[-_ ]?DO\b:/,
  /\blorem ipsum\b/i,
  /\[(?:insert|your|add|placeholder)\b[^\]\n]{0,80}\]/i,
  /\{\{[\w.\- ]{1,60}\}\}/,
];

/** Places that were left to be filled in. */
@Injectable()
export class CompletenessRule extends ValidationRule {
  readonly name = 'completeness';
  readonly from = 'standard';
  readonly blocksFrom = 'strict';

  check({ content, objective }: Judged): RuleFinding[] {
    const found = PLACEHOLDERS.map((pattern) => pattern.exec(content)?.[0]).find((each) => each !== undefined);
    // A task that is about placeholders brings its own.
    if (found === undefined || objective.includes(found)) return [];
    return [{ message: `The result still has a placeholder: ${found}` }];
  }
}
