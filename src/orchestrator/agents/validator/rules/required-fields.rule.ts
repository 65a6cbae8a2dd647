import { Injectable } from '@nestjs/common';
import { membersOf } from '../json-content.rules.js';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

/** Of a JSON result, by `quality_settings.output_fields`. */
@Injectable()
export class RequiredFieldsRule extends ValidationRule {
  readonly name = 'required_fields';
  readonly from = 'standard';
  readonly blocksFrom = 'standard';

  check({ content, outputFields }: Judged): RuleFinding[] {
    const names = Object.keys(outputFields);
    if (names.length === 0) return [];
    const members = membersOf(content);
    if (members === undefined) return [{ message: 'The result is not a JSON object with fields.' }];
    const missing = names.filter((name) => !Object.hasOwn(members, name));
    return missing.length === 0 ? [] : [{ message: `The result lacks the fields ${missing.join(', ')}.` }];
  }
}
