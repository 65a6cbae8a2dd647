import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bas an? (?:AI|artificial intelligence|large language|language) (?:language )?model\b/i, 'talk of being a model'],
  [/^\s*(?:I'm sorry|I am sorry|Sorry),? (?:but )?I (?:can't|cannot|can not|am unable to)\b/i, 'a refusal'],
  [/<script[\s>]/i, 'a script element'],
];

/** What does not belong into a result. A request forbids more with a rule of its own. */
@Injectable()
export class ForbiddenContentRule extends ValidationRule {
  readonly name = 'forbidden_content';
  readonly from = 'strict';
  readonly blocksFrom = 'strict';

  check({ content, objective }: Judged): RuleFinding[] {
    return FORBIDDEN.filter(([pattern]) => pattern.test(content) && !pattern.test(objective)).map(([, what]) => ({
      message: `The result has ${what} in it.`,
    }));
  }
}
