import fc from 'fast-check';
import type { TaskEnd } from '../../src/motivation/dynamics/dynamics.types.js';
import { feedbackOf, outcomeCategory, outcomeScore } from '../../src/motivation/dynamics/feedback.rules.js';
import type { SatisfactionChange } from '../../src/motivation/motivations/motivation.js';
import { anyState, fraction, hoursAgo, isPossible, NOW, stateOf } from './motivation-states.js';

const MINUTE = 60_000;
/** Neither quick nor cheap, no agent failed. */
const PLAIN: TaskEnd = {
  status: 'completed',
  durationMs: 10 * MINUTE,
  costUsd: 1,
  maxCostUsd: 1,
  agents: 2,
  failedAgents: 0,
};
const end = (more: Partial<TaskEnd> = {}): TaskEnd => ({ ...PLAIN, ...more });
const BEST = end({ durationMs: MINUTE, costUsd: 0.5 });
const CHANGE: SatisfactionChange = { success: 0.3, partial: 0.1, failure: -0.1 };

const anyEnd: fc.Arbitrary<TaskEnd> = fc
  .record({
    status: fc.constantFrom('completed', 'failed', 'cancelled'),
    durationMs: fc.option(fc.nat(3_600_000)),
    costUsd: fc.double({ min: 0, max: 10, noNaN: true }),
    maxCostUsd: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
    agents: fc.nat(6),
    failed: fraction,
  })
  .map(({ failed, ...one }) => ({ ...one, failedAgents: Math.floor(failed * one.agents) }));
const anyChange: fc.Arbitrary<SatisfactionChange> = fc.record({
  success: fraction,
  partial: fraction,
  failure: fraction.map((value) => -value),
});

describe('the score of an outcome', () => {
  it.each<[string, Partial<TaskEnd>, number]>([
    ['completed', {}, 0.8],
    ['failed', { status: 'failed' }, 0.2],
    ['cancelled', { status: 'cancelled' }, 0.1],
    ['completed in under 5 minutes', { durationMs: 5 * MINUTE - 1 }, 0.9],
    ['completed in 5 minutes', { durationMs: 5 * MINUTE }, 0.8],
    ['completed under its budget', { costUsd: 0.99 }, 0.9],
    ['completed without a budget', { costUsd: 0, maxCostUsd: null }, 0.8],
    ['completed quickly and under its budget', { durationMs: 1, costUsd: 0 }, 1],
    ['completed with half of its agents failed', { failedAgents: 1 }, 0.65],
    ['completed quickly with all agents failed', { durationMs: 1, failedAgents: 2 }, 0.6],
    ['completed without agents', { agents: 0 }, 0.8],
    ['failed quickly and cheaply', { status: 'failed', durationMs: 1, costUsd: 0, failedAgents: 2 }, 0.2],
    ['cancelled before it began', { status: 'cancelled', durationMs: null, costUsd: 0, agents: 0 }, 0.1],
  ])('%s', (_, more, expected) => {
    expect(outcomeScore(end(more))).toBeCloseTo(expected, 12);
  });

  it('is between 0 and 1, and never better for more failed agents', () => {
    fc.assert(
      fc.property(anyEnd, (one) => {
        const score = outcomeScore(one);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(outcomeScore({ ...one, failedAgents: 0 })).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it.each<[TaskEnd['status'], number, string]>([
    ['completed', 0.7, 'success'],
    ['completed', 0.69, 'partial'],
    ['completed', 0.3, 'partial'],
    ['completed', 0.29, 'failure'],
    ['failed', 1, 'failure'],
    ['cancelled', 1, 'failure'],
  ])('%s with %d is a %s', (status, score, category) => {
    expect(outcomeCategory(status, score)).toBe(category);
  });

  it('a third of the agents may fail of a success, no binary fraction makes it partial', () => {
    for (let agents = 3; agents <= 60; agents += 3) {
      expect(outcomeCategory('completed', outcomeScore(end({ agents, failedAgents: agents / 3 })))).toBe('success');
    }
  });
});

describe('satisfaction', () => {
  const gainOf = (one: TaskEnd, more: Parameters<typeof stateOf>[0] = {}, priority = 1): number =>
    feedbackOf(stateOf({ urgency: 1, satisfaction: 0.5, ...more }), CHANGE, one, priority, NOW).satisfactionGain;

  it.each<[string, TaskEnd, Parameters<typeof stateOf>[0], number, number]>([
    ['a success gives its change × outcome', BEST, {}, 1, 0.3],
    ['a success that was neither quick nor cheap', PLAIN, {}, 1, 0.3 * 0.8],
    ['a partial one', end({ agents: 1, failedAgents: 1 }), {}, 1, 0.1 * 0.5],
    ['a failure takes its change × (1 − outcome)', end({ status: 'failed' }), {}, 1, -0.1 * 0.8],
    ['a cancelled one', end({ status: 'cancelled' }), {}, 1, -0.1 * 0.9],
    ['× the priority of the task', BEST, {}, 0.4, 0.3 * 0.4],
    ['× (0.5 + urgency / 2)', BEST, { urgency: 0.2 }, 1, 0.3 * 0.6],
    ['at 0.8 a gain is whole', end({ agents: 1, failedAgents: 1 }), { satisfaction: 0.8 }, 1, 0.05],
    ['over 0.8 a gain is halved', end({ agents: 1, failedAgents: 1 }), { satisfaction: 0.81 }, 1, 0.025],
    ['over 0.8 a loss is whole', end({ status: 'failed' }), { satisfaction: 0.9 }, 1, -0.08],
    ['no gain beyond 1', BEST, { satisfaction: 0.95 }, 1, 0.05],
    ['no loss below 0', end({ status: 'failed' }), { satisfaction: 0.03 }, 1, -0.03],
    ['no loss below the least', end({ status: 'failed' }), { satisfaction: 0.32, minSatisfaction: 0.3 }, 1, -0.02],
    [
      'under the least no loss, and no leap',
      end({ status: 'failed' }),
      { satisfaction: 0.2, minSatisfaction: 0.3 },
      1,
      0,
    ],
  ])('%s', (_, one, more, priority, expected) => {
    expect(gainOf(one, more, priority)).toBeCloseTo(expected, 12);
  });
});

describe('counts', () => {
  it('a success counts, and is the last time it was satisfied', () => {
    const before = stateOf({ totalAttempts: 3, successCount: 1, failureCount: 2, successRate: 1 / 3 });
    expect(feedbackOf(before, CHANGE, BEST, 1, NOW).state).toMatchObject({
      totalAttempts: 4,
      successCount: 2,
      failureCount: 2,
      successRate: 0.5,
      lastSatisfiedAt: NOW,
    });
  });

  it('a failure counts, and satisfies nothing', () => {
    const earlier = hoursAgo(3);
    const { state } = feedbackOf(stateOf({ lastSatisfiedAt: earlier }), CHANGE, end({ status: 'failed' }), 1, NOW);
    expect(state).toMatchObject({ totalAttempts: 1, successCount: 0, failureCount: 1, successRate: 0 });
    expect(state.lastSatisfiedAt).toBe(earlier);
  });
});

describe('reinforcement', () => {
  const learned = (one: TaskEnd, more: Parameters<typeof stateOf>[0]) => {
    const { boostFactor, decayRate } = feedbackOf(stateOf(more), CHANGE, one, 1, NOW).state;
    return [boostFactor, decayRate].map((value) => Number(value.toFixed(12)));
  };
  const FAILED = end({ status: 'failed' });
  const PARTIAL = end({ agents: 1, failedAgents: 1 });
  const tries = (successCount: number, failureCount: number) => ({
    successCount,
    failureCount,
    totalAttempts: successCount + failureCount,
  });

  it.each<[string, TaskEnd, Parameters<typeof stateOf>[0], number, number]>([
    ['a success', BEST, {}, 1.25, 0.02],
    ['a partial one', PARTIAL, {}, 1.2, 0.02],
    ['a failure', FAILED, {}, 1.1, 0.02],
    ['a success at the most', BEST, { boostFactor: 1.98 }, 2, 0.02],
    ['a failure at the least', FAILED, { boostFactor: 0.55 }, 0.5, 0.02],
    ['a success where an admin set more than the most', BEST, { boostFactor: 3 }, 3, 0.02],
    ['a failure where an admin set more than the most', FAILED, { boostFactor: 3 }, 2.9, 0.02],
    ['a success where an admin set less than the least', BEST, { boostFactor: 0.2 }, 0.25, 0.02],
    ['a failure where an admin set less than the least', FAILED, { boostFactor: 0.2 }, 0.2, 0.02],
    ['decay learns from the third attempt on, not before', BEST, tries(1, 0), 1.25, 0.02],
    ['over 70 % decay slows', BEST, tries(2, 0), 1.25, 0.015],
    ['at 70 % decay stays', BEST, tries(6, 3), 1.25, 0.02],
    ['under 30 % decay quickens', FAILED, tries(0, 2), 1.1, 0.03],
    ['at 30 % decay stays', FAILED, tries(3, 6), 1.1, 0.02],
    ['decay slows to its least', BEST, { ...tries(9, 0), decayRate: 0.007 }, 1.25, 0.005],
    ['decay quickens to its most', FAILED, { ...tries(0, 9), decayRate: 0.195 }, 1.1, 0.2],
    ['a decay that an admin set under the least', BEST, { ...tries(9, 0), decayRate: 0.001 }, 1.25, 0.001],
    ['a decay that an admin set over the most', FAILED, { ...tries(0, 9), decayRate: 0.5 }, 1.1, 0.5],
  ])('%s', (_, one, more, boostFactor, decayRate) => {
    expect(learned(one, more)).toEqual([boostFactor, decayRate]);
  });

  it('never touches the bases', () => {
    const state = stateOf({ ...tries(9, 0) });
    expect(feedbackOf(state, CHANGE, BEST, 1, NOW).state).toMatchObject({ baseBoostFactor: 1.2, baseDecayRate: 0.02 });
  });
});

describe('any feedback', () => {
  it('leaves a possible state, and urgency, cooldown and limits as they were', () => {
    fc.assert(
      fc.property(anyState, anyChange, anyEnd, fraction, (state, change, one, priority) => {
        const { state: next, satisfactionGain } = feedbackOf(state, change, one, priority, NOW);
        expect(isPossible(next)).toBe(true);
        expect(Math.abs(satisfactionGain)).toBeLessThanOrEqual(1);
        expect(next.satisfaction).toBeCloseTo(state.satisfaction + satisfactionGain, 12);
        const { urgency, maxUrgency, minSatisfaction, lastTriggeredAt, isActive } = state;
        expect(next).toMatchObject({ urgency, maxUrgency, minSatisfaction, lastTriggeredAt, isActive });
        expect(next.totalAttempts).toBe(state.totalAttempts + 1);
      }),
    );
  });

  it('keeps rates within the bounds of reinforcement once they are there', () => {
    fc.assert(
      fc.property(anyState, anyEnd, (state, one) => {
        const within = {
          ...state,
          boostFactor: Math.min(2, Math.max(0.5, state.boostFactor)),
          decayRate: Math.min(0.2, Math.max(0.005, state.decayRate)),
        };
        const { boostFactor, decayRate } = feedbackOf(within, CHANGE, one, 1, NOW).state;
        expect(boostFactor).toBeGreaterThanOrEqual(0.5);
        expect(boostFactor).toBeLessThanOrEqual(2);
        expect(decayRate).toBeGreaterThanOrEqual(0.005);
        expect(decayRate).toBeLessThanOrEqual(0.2);
      }),
    );
  });

  it('a task of more priority never moves satisfaction less', () => {
    fc.assert(
      fc.property(anyState, anyChange, anyEnd, fraction, fraction, (state, change, one, a, b) => {
        const gain = (priority: number): number =>
          Math.abs(feedbackOf(state, change, one, priority, NOW).satisfactionGain);
        return gain(Math.max(a, b)) >= gain(Math.min(a, b)) - 1e-15;
      }),
    );
  });
});
