import { Injectable } from '@nestjs/common';
import { jsonOf, jsonTextOf } from '../json-content.rules.js';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

const ASKS_FOR_JSON = /\b(?:as|in|only|valid|return|als)\s+(?:a\s+|an\s+|one\s+|valid\s+|plain\s+)?json\b/i;

/** A result that is to be JSON, or begins like it, has to be JSON. */
@Injectable()
export class JsonFormatRule extends ValidationRule {
  readonly name = 'json_format';
  readonly from = 'basic';
  readonly blocksFrom = 'basic';

  check({ content, objective, outputFields }: Judged): RuleFinding[] {
    const isAsked = ASKS_FOR_JSON.test(objective) || Object.keys(outputFields).length > 0;
    if (!isAsked && !/^(?:\{\s*["}]|\[\s*[{"])/.test(jsonTextOf(content))) return [];
    return jsonOf(content) === undefined ? [{ message: 'The result is not valid JSON.' }] : [];
  }
}
