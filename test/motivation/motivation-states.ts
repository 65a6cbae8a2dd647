import fc from 'fast-check';
import type { MotivationState } from '../../src/motivation/dynamics/dynamics.types.js';

export const NOW = new Date('2026-11-23T08:00:00Z');
export const secondsAgo = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);
export const hoursAgo = (hours: number): Date => secondsAgo(hours * 3_600);

export const stateOf = (more: Partial<MotivationState> = {}): MotivationState => ({
  urgency: 0.5,
  satisfaction: 0.2,
  decayRate: 0.02,
  boostFactor: 1.2,
  maxUrgency: 1,
  minSatisfaction: 0,
  baseDecayRate: more.decayRate ?? 0.02,
  baseBoostFactor: more.boostFactor ?? 1.2,
  isActive: true,
  totalAttempts: 0,
  successCount: 0,
  failureCount: 0,
  successRate: 0,
  lastTriggeredAt: null,
  lastSatisfiedAt: null,
  ...more,
});

export const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const rate = fc.double({ min: 0, max: 1, noNaN: true });
const factor = fc.double({ min: 0, max: 5, noNaN: true });
const date = fc.option(fc.integer({ min: -50_000, max: 5_000_000 }).map(secondsAgo));

/** Every state the table allows: also tuned out of the bounds of reinforcement, over its greatest urgency, or under its least satisfaction. */
export const anyState: fc.Arbitrary<MotivationState> = fc
  .record({
    urgency: fraction,
    satisfaction: fraction,
    decayRate: rate,
    boostFactor: factor,
    maxUrgency: fraction,
    minSatisfaction: fraction,
    baseDecayRate: rate,
    baseBoostFactor: factor,
    isActive: fc.boolean(),
    successCount: fc.nat(30),
    failureCount: fc.nat(30),
    lastTriggeredAt: date,
    lastSatisfiedAt: date,
  })
  .map((state) => {
    const totalAttempts = state.successCount + state.failureCount;
    return { ...state, totalAttempts, successRate: totalAttempts === 0 ? 0 : state.successCount / totalAttempts };
  });

const isFraction = (value: number): boolean => value >= 0 && value <= 1;

/** What `motivational_states` checks, and more. */
export const isPossible = (state: MotivationState): boolean =>
  [state.urgency, state.satisfaction, state.maxUrgency, state.minSatisfaction, state.successRate].every(isFraction) &&
  [state.decayRate, state.boostFactor, state.baseDecayRate, state.baseBoostFactor].every(
    (value) => value >= 0 && Number.isFinite(value),
  ) &&
  state.totalAttempts === state.successCount + state.failureCount;
