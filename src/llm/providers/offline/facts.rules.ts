import { numberIn, snakeCase, type Schema } from './schema.rules.js';
import { overlap, termsOf, wordsOf } from './words.rules.js';

/** What is known about a place of an answer: yes or no, a share of 0..1, a text, nothing, or one set of facts for each item of a list; one for an object. */
export type Fact = boolean | number | string | null | readonly Facts[];

/** What is known about the places of an answer, by their names; `''` is what an item says when it has no members. */
export type Facts = ReadonlyMap<string, Fact>;

/** Texts that mean the same to a schema that names its choices differently. The nearest ones first. */
const SAME = [
  [
    'pass',
    'passed',
    'accept',
    'accepted',
    'approve',
    'approved',
    'valid',
    'ok',
    'yes',
    'success',
    'complete',
    'good',
    'agree',
    'support',
    'met',
    'for',
  ],
  [
    'fail',
    'failed',
    'reject',
    'rejected',
    'invalid',
    'no',
    'revise',
    'refine',
    'needs_revision',
    'bad',
    'incomplete',
    'disagree',
    'oppose',
    'unmet',
    'against',
  ],
  ['error', 'blocking', 'high', 'major', 'critical', 'severe', 'blocker', 'fatal'],
  ['warning', 'warn', 'medium', 'minor', 'moderate', 'low', 'info', 'note'],
];

/** Facts that hold under each of these names. */
export const named = (names: string, fact: Fact): [string, Fact][] => names.split(' ').map((name) => [name, fact]);

export const factFor = (facts: Facts, name: string): Fact | undefined => {
  const plain = snakeCase(name);
  return facts.get(plain) ?? facts.get(plain.replace(/^(?:is|was|has|are|all|overall|final)_/, ''));
};

/** The choice that says the fact: the same word, one of the same meaning, or the one with most words in common. */
export function choiceFor(fact: Fact | undefined, choices: readonly unknown[]): unknown {
  const wanted = typeof fact === 'boolean' ? (fact ? 'pass' : 'fail') : typeof fact === 'number' ? levelOf(fact) : fact;
  if (typeof wanted !== 'string' || wanted === '') return undefined;
  const texts = choices.filter((choice): choice is string => typeof choice === 'string');
  const plain = snakeCase(wanted);
  const exact = texts.find((choice) => snakeCase(choice) === plain);
  if (exact !== undefined) return exact;
  const meaning = SAME.find((words) => words.includes(plain)) ?? [];
  const alike = meaning
    .map((word) => texts.find((choice) => snakeCase(choice) === word))
    .find((each) => each !== undefined);
  return alike ?? mostAlike(wanted, texts);
}

const levelOf = (share: number): string => (share < 0.34 ? 'low' : share < 0.67 ? 'medium' : 'high');

function mostAlike(wanted: string, choices: readonly string[]): string | undefined {
  const words = new Set([...termsOf(wanted), ...wordsOf(wanted)]);
  const shares = choices.map((choice) => {
    const own = termsOf(choice.replaceAll('_', ' '));
    return own.length === 0 ? 0 : overlap(own, words) / own.length;
  });
  const best = Math.max(0, ...shares);
  return best > 0 ? choices[shares.indexOf(best)] : undefined;
}

/** A share of 0..1 on the scale of the schema; a whole number without one is of 100. Undefined where the scale is open at one end. */
export function onScale(share: number, schema: Schema, isWhole: boolean): number | undefined {
  const [low, high] = [numberIn(schema, 'minimum'), numberIn(schema, 'maximum')];
  if (low === undefined && high === undefined) return isWhole ? Math.round(share * 100) : round(share);
  if (high === undefined || high < (low ?? 0)) return undefined;
  const value = (low ?? 0) + share * (high - (low ?? 0));
  return isWhole ? Math.round(value) : round(value);
}

/** Four digits behind the point say enough. */
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
