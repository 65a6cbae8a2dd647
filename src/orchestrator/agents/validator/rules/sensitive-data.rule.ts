import { Injectable } from '@nestjs/common';
import { ValidationRule, type Judged, type RuleFinding } from '../validation-rule.js';

const SECRETS: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY-----/],
  [
    'an API key',
    /\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20}|gh[pousr]_[A-Za-z0-9]{30}|xox[abprs]-[A-Za-z0-9-]{10}|AIza[\w-]{30})/,
  ],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a signed token', /\beyJ[\w-]{10,400}\.eyJ[\w-]{10,2000}\.[\w-]{10}/],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,80}:[^\s:/@]{1,120}@/i],
  ['a social security number', /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/],
];
const CARD = /\b(?:\d[ -]?){12,18}\d\b/g;

/** Credentials and numbers of persons. What was found is named by its kind only: findings are shown and logged. */
@Injectable()
export class SensitiveDataRule extends ValidationRule {
  readonly name = 'sensitive_data';
  readonly from = 'always';
  readonly blocksFrom = 'strict';

  check({ content }: Judged): RuleFinding[] {
    const kinds = SECRETS.filter(([, pattern]) => pattern.test(content)).map(([kind]) => kind);
    const hasCard = [...content.matchAll(CARD)].some(([digits]) => isCardNumber(digits.replaceAll(/\D/g, '')));
    return [...kinds, ...(hasCard ? ['the number of a payment card'] : [])].map((kind) => ({
      message: `The result seems to hold ${kind}.`,
    }));
  }
}

/** By its check digit (Luhn) and a first digit that card networks use. */
function isCardNumber(digits: string): boolean {
  if (!/^[3-6]\d{12,18}$/.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
