import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

/** Shorter paragraphs, like headings of tables, may well repeat. */
const LEAST_CHARACTERS = 40;
const MOST_REPEATS = 2;

/** What shows without understanding it: the same paragraph over and over, a code block that never ends. */
@Injectable()
export class ConsistencyRule extends ValidationRule {
  readonly name = 'consistency';
  readonly from = 'standard';
  readonly blocksFrom = 'strict';

  check({ content }: Judged): RuleFinding[] {
    const counts = new Map<string, number>();
    for (const paragraph of content.split(/\n\s*\n/).map((each) => each.trim())) {
      if (paragraph.length >= LEAST_CHARACTERS) counts.set(paragraph, (counts.get(paragraph) ?? 0) + 1);
    }
    const most = Math.max(0, ...counts.values());
    const fences = content.split('\n').filter((line) => line.trimStart().startsWith('```')).length;
    return [
      ...(most > MOST_REPEATS ? [{ message: `The same paragraph stands ${most} times in the result.` }] : []),
      ...(fences % 2 === 1 ? [{ message: 'A code block of the result is not closed.' }] : []),
    ];
  }
}
