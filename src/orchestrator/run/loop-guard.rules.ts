import { createHash } from 'node:crypto';
import type { CallOutcome, PastTurn } from './agent-turn.js';

/** The same call with the same result so often is a loop. */
const SAME_RESULT_TIMES = 3;
/** So many turns in a row in which nothing new came of any call are one, too. */
const TURNS_WITHOUT_PROGRESS = 5;

/** Short enough for checkpoints: alike by chance once in 2^64. */
export const fingerprint = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

/** A call and what came of it. */
interface Made {
  readonly key: string;
  readonly isFailure: boolean;
}

/** Why an agent's turns lead nowhere, as the end of a sentence; undefined while they may lead somewhere. */
export function loopIn(past: readonly PastTurn[]): string | undefined {
  const times = new Map<string, number>();
  let turnsInVain = 0;
  for (const turn of past) {
    const made = turn.outcomes.map((outcome, index): Made => madeOf(turn, outcome, index));
    const isInVain = made.length > 0 && made.every(({ key, isFailure }) => isFailure || times.has(key));
    turnsInVain = isInVain ? turnsInVain + 1 : 0;
    // Once a turn: calls of the same turn cannot know each other's results.
    for (const key of new Set(made.map((each) => each.key))) times.set(key, (times.get(key) ?? 0) + 1);
  }
  const last = past.at(-1);
  const isRepeated = last?.outcomes.some(
    (outcome, index) => (times.get(madeOf(last, outcome, index).key) ?? 0) >= SAME_RESULT_TIMES,
  );
  if (isRepeated === true) return `it made the same call ${SAME_RESULT_TIMES} times with the same result`;
  if (turnsInVain >= TURNS_WITHOUT_PROGRESS) return `its last ${TURNS_WITHOUT_PROGRESS} turns brought nothing new`;
  return undefined;
}

function madeOf({ calls }: PastTurn, outcome: CallOutcome, index: number): Made {
  const result = 'error' in outcome ? fingerprint(outcome.error) : outcome.resultPrint;
  const isFailure = 'error' in outcome || outcome.status !== 'succeeded';
  return { key: `${calls[index]?.callPrint ?? index}/${result}`, isFailure };
}
