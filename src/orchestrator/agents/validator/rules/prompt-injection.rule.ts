import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

const PATTERNS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+)?(?:of\s+)?(?:the\s+|your\s+|my\s+)?(?:previous|prior|above|earlier|preceding|system)\s+(?:instructions?|prompts?|rules?|directions?)\b/i,
  /\b(?:reveal|print|repeat|show)\s+(?:me\s+)?your\s+(?:system\s+prompt|hidden\s+instructions?)\b/i,
  /\bignor(?:iere|iert)\s+(?:alle\s+)?(?:vorherigen|bisherigen|obigen)\s+(?:anweisungen|regeln)\b/i,
  /<\/?(?:system|tool_output_\w{1,40})>/i,
  /\byou\s+are\s+now\s+(?:in\s+)?(?:developer|dan|jailbreak|unrestricted)\b/i,
];

/** Words that speak to a model that reads the text, not to a person: what was read by a tool may have left them. */
@Injectable()
export class PromptInjectionRule extends ValidationRule {
  readonly name = 'prompt_injection';
  readonly from = 'always';
  readonly blocksFrom = 'strict';

  check({ content }: Judged): RuleFinding[] {
    return PATTERNS.some((pattern) => pattern.test(content))
      ? [{ message: 'The result holds words that give instructions to a model.' }]
      : [];
  }
}
