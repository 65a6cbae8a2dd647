import type { SatisfactionChange } from '../motivations/motivation.js';
import { JUDGED_FROM_ATTEMPTS } from './arbitration.rules.js';
import type { Feedback, MotivationState, TaskEnd } from './dynamics.types.js';
import { clamp } from './evolution.rules.js';
import type { OutcomeCategory } from '../tasks/motivational-task.values.js';

const BASE_SCORE = { completed: 0.8, failed: 0.2, cancelled: 0.1 } as const;
const QUICK_MS = 5 * 60_000;
const BONUS = 0.1;
const FAILED_AGENTS_WEIGHT = 0.3;
const SUCCESS_FROM = 0.7;
const PARTIAL_FROM = 0.3;
/** Above it gains count half. */
const SATISFIED = 0.8;
const BOOST_FACTOR = { gain: 0.05, most: 2, loss: 0.1, least: 0.5 };
const DECAY_RATE = { gain: 0.005, least: 0.005, loss: 0.01, most: 0.2, goodFrom: 0.7, badBelow: 0.3 };

/**
 * clamp(0.8 completed, 0.2 failed, 0.1 cancelled; when completed + 0.1 if under 5 minutes + 0.1 if under its budget − 0.3 × share of
 * failed agents), 0..1.
 */
export function outcomeScore(end: TaskEnd): number {
  const base = BASE_SCORE[end.status];
  if (end.status !== 'completed') return base;
  const quick = end.durationMs !== null && end.durationMs < QUICK_MS ? BONUS : 0;
  const cheap = end.maxCostUsd !== null && end.costUsd < end.maxCostUsd ? BONUS : 0;
  const failed = end.agents === 0 ? 0 : end.failedAgents / end.agents;
  return clamp(base + quick + cheap - FAILED_AGENTS_WEIGHT * failed, 0, 1);
}

export function outcomeCategory(status: TaskEnd['status'], score: number): OutcomeCategory {
  if (status !== 'completed' || score < PARTIAL_FROM) return 'failure';
  return score >= SUCCESS_FROM ? 'success' : 'partial';
}

/**
 * What a task that ended does to its motivation: satisfaction, counts, and the reinforcement of its rates.
 * @param change of the motivation by category
 * @param priority of the task: the score it was chosen with, 0..1
 */
export function feedbackOf(
  state: MotivationState,
  change: SatisfactionChange,
  end: TaskEnd,
  priority: number,
  now: Date,
): Feedback {
  const score = outcomeScore(end);
  const category = outcomeCategory(end.status, score);
  const weighed =
    change[category] * (category === 'failure' ? 1 - score : score) * priority * (0.5 + state.urgency / 2);
  const gain = weighed > 0 && state.satisfaction > SATISFIED ? weighed / 2 : weighed;
  const satisfaction = clamp(state.satisfaction + gain, Math.min(state.satisfaction, state.minSatisfaction), 1);
  return {
    outcomeScore: score,
    category,
    satisfactionGain: satisfaction - state.satisfaction,
    state: reinforced({ ...counted(state, category, now), satisfaction }, category),
  };
}

function counted(state: MotivationState, category: OutcomeCategory, now: Date): MotivationState {
  const failed = category === 'failure';
  const totalAttempts = state.totalAttempts + 1;
  const successCount = state.successCount + (failed ? 0 : 1);
  return {
    ...state,
    totalAttempts,
    successCount,
    failureCount: state.failureCount + (failed ? 1 : 0),
    successRate: clamp(successCount / totalAttempts, 0, 1),
    lastSatisfiedAt: failed ? state.lastSatisfiedAt : now,
  };
}

/** Never moves a rate that an admin set beyond the bounds any further out, nor back at once. */
function reinforced(state: MotivationState, category: OutcomeCategory): MotivationState {
  const { boostFactor: factor, decayRate: rate, successRate, totalAttempts } = state;
  const up = Math.max(factor, Math.min(BOOST_FACTOR.most, factor + BOOST_FACTOR.gain));
  const down = Math.min(factor, Math.max(BOOST_FACTOR.least, factor - BOOST_FACTOR.loss));
  const boostFactor = category === 'success' ? up : category === 'failure' ? down : factor;
  if (totalAttempts < JUDGED_FROM_ATTEMPTS) return { ...state, boostFactor };
  const slower = Math.min(rate, Math.max(DECAY_RATE.least, rate - DECAY_RATE.gain));
  const faster = Math.max(rate, Math.min(DECAY_RATE.most, rate + DECAY_RATE.loss));
  const isGood = successRate > DECAY_RATE.goodFrom;
  return { ...state, boostFactor, decayRate: isGood ? slower : successRate < DECAY_RATE.badBelow ? faster : rate };
}
