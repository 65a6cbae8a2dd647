import { Inject, Injectable } from '@nestjs/common';
import { StartError } from '../../../config/start-error.js';
import { reaches, type ValidationLevel } from '../../planning/execution-settings.rules.js';
import type { Finding } from './finding.js';
import type { Judged, ValidationRule } from './validation-rule.js';

export const VALIDATION_RULES = Symbol('validation rules');

/** Every rule by its name. Throws at start when two share one. */
@Injectable()
export class ValidationRules {
  constructor(@Inject(VALIDATION_RULES) private readonly rules: readonly ValidationRule[]) {
    const names = new Set<string>();
    for (const { name } of rules) {
      if (names.has(name)) throw new StartError(`Two validation rules are named ${name}: rename one, or list it once.`);
      names.add(name);
    }
  }

  /** What the rules of a level find, in the order of the list; undefined: only those that always run. An `error` blocks. */
  check(judged: Judged, level: ValidationLevel | undefined): Finding[] {
    return this.rules
      .filter(({ from }) => from === 'always' || reaches(level, from))
      .flatMap((rule) => {
        const blocks = reaches(level, rule.blocksFrom);
        return rule.check(judged).map(({ message, blocking = blocks }): Finding => ({
          rule: rule.name,
          severity: blocking ? 'error' : 'warning',
          message,
        }));
      });
  }
}
