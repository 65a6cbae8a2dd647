import { Injectable } from '@nestjs/common';
import { membersOf } from '../json-content.rules.js';
import { ValidationRule, type FieldType, type Judged, type RuleFinding } from '../validation-rule.js';

/** Of a JSON result, by `quality_settings.output_fields`. Fields that are missing are another rule's. */
@Injectable()
export class FieldTypesRule extends ValidationRule {
  readonly name = 'field_types';
  readonly from = 'standard';
  readonly blocksFrom = 'standard';

  check({ content, outputFields }: Judged): RuleFinding[] {
    const members = membersOf(content) ?? {};
    return Object.entries(outputFields).flatMap(([name, type]) =>
      type === null || !Object.hasOwn(members, name) || isOf(type, members[name])
        ? []
        : [{ message: `The field ${name} is not of the type ${type}.` }],
    );
  }
}

function isOf(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
