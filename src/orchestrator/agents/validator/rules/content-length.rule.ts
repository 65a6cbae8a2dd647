import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

/** A task of more words than this is not done with one. */
const WORDS_OF_A_QUESTION = 8;
const MAX_CHARACTERS = 1_000_000;

@Injectable()
export class ContentLengthRule extends ValidationRule {
  readonly name = 'content_length';
  readonly from = 'basic';
  readonly blocksFrom = 'basic';

  check({ content, objective }: Judged): RuleFinding[] {
    const text = content.trim();
    if (text === '') return [{ message: 'The result is empty.' }];
    if (text.length > MAX_CHARACTERS) return [{ message: `The result has more than ${MAX_CHARACTERS} characters.` }];
    const isOneWord = /^[\p{L}\p{N}.,!?'’-]+$/u.test(text);
    return isOneWord && objective.trim().split(/\s+/).length > WORDS_OF_A_QUESTION
      ? [{ message: 'The result is a single word.', blocking: false }]
      : [];
  }
}
