import type { Verdict } from '../agents/validator/verdict.rules.js';
import { MAX_ROUNDS } from '../run/progress.rules.js';

/** A result that passed with this score is not worth another round. */
const GOOD_ENOUGH = 0.9;

/** A round whose answer stands, and what the validator said of it. */
export interface Round {
  readonly interactionId: string;
  readonly verdict: Pick<Verdict, 'passed' | 'score'>;
}

/** The round to keep: by the verdicts, not by their order; the earlier of equals. Undefined without any. */
export const bestRound = <R extends Round>(rounds: readonly R[]): R | undefined =>
  rounds.reduce<R | undefined>(
    (best, round) => (best === undefined || isBetter(round, best) ? round : best),
    undefined,
  );

/** Whether another round is worth its price: the last one was not good enough, and better than those before it. */
export function goesOn(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1);
  if (last === undefined || rounds.length >= MAX_ROUNDS) return false;
  if (last.verdict.passed && last.verdict.score >= GOOD_ENOUGH) return false;
  return bestRound(rounds) === last;
}

const isBetter = ({ verdict: a }: Round, { verdict: b }: Round): boolean =>
  a.passed === b.passed ? a.score > b.score : a.passed;
