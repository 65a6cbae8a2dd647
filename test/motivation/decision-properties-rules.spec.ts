import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { decide } from '../../src/motivation/dynamics/decision.rules.js';
import type { Situation, Subject } from '../../src/motivation/dynamics/dynamics.types.js';
import { dayOf } from './decision-subjects.js';
import { anyState, fraction, isPossible, NOW } from './motivation-states.js';

describe('any evaluation', () => {
  const usd = (most: number): fc.Arbitrary<number> => fc.nat(most * 1_000).map((mills) => mills / 1_000);
  const anySubject: fc.Arbitrary<Omit<Subject, 'type'>> = fc.record({
    category: fc.constantFrom('remedial', 'quality', 'exploratory'),
    state: anyState,
    boost: fc.oneof(fc.constant(0), fraction),
    cooldownSeconds: fc.nat(7_200),
    hasActiveTask: fc.boolean(),
    error: fc.option(fc.constant('It failed.'), { nil: undefined, freq: 9 }),
  });
  const anySituation: fc.Arbitrary<Situation> = fc
    .record({
      elapsedSeconds: fc.integer({ min: -1_000, max: 100_000 }),
      evidencedSeconds: fc.nat(3_600),
      minArbitrationThreshold: fraction,
      maxConcurrentTasks: fc.integer({ min: 1, max: 8 }),
      activeTasks: fc.nat(10),
      dayBudget: fc.option(
        fc.tuple(usd(5), usd(5)).map(([a, b]) => dayOf(Math.min(a, b), Math.max(a, b))),
        { nil: undefined },
      ),
      taskBudgetUsd: fc.option(
        usd(6).map((cents) => new Decimal(cents).plus('0.01')),
        { nil: undefined },
      ),
      subjects: fc.array(anySubject, { maxLength: 8 }),
    })
    .map(({ subjects, ...one }) => ({
      ...one,
      now: NOW,
      subjects: subjects.map((each, index) => ({ ...each, type: `type_${String(index)}` })),
    }));

  it('chooses exactly those that nothing speaks against, within the places, and leaves possible states', () => {
    fc.assert(
      fc.property(anySituation, (one) => {
        const { considered, chosen } = decide(one);
        expect(considered.map(({ type }) => type)).toEqual(one.subjects.map(({ type }) => type));
        const free = considered.filter(({ rejections }) => rejections.length === 0).map(({ type }) => type);
        expect([...chosen].sort()).toEqual(free.sort());
        expect(chosen.length).toBeLessThanOrEqual(Math.max(0, one.maxConcurrentTasks - one.activeTasks));
        for (const each of considered) {
          expect(isPossible(each.after)).toBe(true);
          expect(each.before).toBe(one.subjects.find(({ type }) => type === each.type)?.state);
          expect(each.score).toBeGreaterThanOrEqual(0);
          expect(each.score).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never chooses one without evidence, in cooldown, with a task, inactive, or under the threshold', () => {
    fc.assert(
      fc.property(anySituation, (one) => {
        const { considered, chosen } = decide(one);
        for (const type of chosen) {
          const { state, boost, cooldownSeconds, hasActiveTask } =
            one.subjects.find((each) => each.type === type) ?? {};
          expect(boost).toBeGreaterThan(0);
          expect(hasActiveTask).toBe(false);
          expect(state?.isActive).toBe(true);
          const sinceMs = Math.max(0, NOW.getTime() - (state?.lastTriggeredAt?.getTime() ?? -Infinity));
          expect(sinceMs).toBeGreaterThanOrEqual((cooldownSeconds ?? 0) * 1_000);
          expect(considered.find((each) => each.type === type)?.score).toBeGreaterThanOrEqual(
            one.minArbitrationThreshold,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never promises more than the day has left, nor exploratory work more than what is over its half', () => {
    const sumOf = (amounts: readonly (Decimal | undefined)[]): Decimal =>
      amounts.reduce<Decimal>((sum, amount) => sum.plus(amount ?? 0), new Decimal(0));
    fc.assert(
      fc.property(anySituation, (one) => {
        const chosen = decide(one).considered.filter(({ rejections }) => rejections.length === 0);
        for (const { maxCostUsd } of chosen) {
          expect(maxCostUsd === undefined).toBe(one.dayBudget === undefined && one.taskBudgetUsd === undefined);
          if (one.taskBudgetUsd !== undefined) expect(maxCostUsd?.lte(one.taskBudgetUsd)).toBe(true);
        }
        if (one.dayBudget === undefined) return;
        const { limitUsd, leftUsd } = one.dayBudget;
        expect(sumOf(chosen.map(({ maxCostUsd }) => maxCostUsd)).lte(leftUsd)).toBe(true);
        const exploring = sumOf(
          chosen.filter(({ category }) => category === 'exploratory').map((each) => each.maxCostUsd),
        );
        expect(exploring.lte(Decimal.max(0, leftUsd.minus(limitUsd.div(2))))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of the motivations', () => {
    fc.assert(
      fc.property(anySituation, (one) => {
        const turned = { ...one, subjects: [...one.subjects].reverse() };
        expect(decide(turned).chosen).toEqual(decide(one).chosen);
      }),
    );
  });
});
