import fc from 'fast-check';
import { MOTIVATION_CATEGORIES } from '../../src/motivation/motivations/motivation.js';
import { simulate, type Outcome, type Rules, type SimulatedMotivation, type World } from './simulator.js';

interface Member extends SimulatedMotivation {
  readonly boost: number;
  readonly minutes: number;
  /** Of its tasks, every so manieth succeeds; 0: none. */
  readonly succeedsEvery: number;
}

const RULES: Rules = {
  hours: 24 * 24,
  intervalSeconds: 1_800,
  threshold: 0.3,
  maxConcurrentTasks: 1,
  workflowBudgetUsd: 1,
  dailyBudgetUsd: Infinity,
};

const worldOf = (members: readonly Member[]): World => {
  const byType = new Map(members.map((member) => [member.type, member]));
  return {
    name: 'for ever',
    boost: (type) => byType.get(type)?.boost ?? 0,
    outcome: (type, _, attempt): Outcome => {
      const { minutes = 1, succeedsEvery = 0 } = byType.get(type) ?? {};
      const succeeds = succeedsEvery > 0 && attempt % succeedsEvery === 0;
      return { status: succeeds ? 'completed' : 'failed', minutes, costUsd: 0.1 };
    },
  };
};

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Those whose evidence can move them at all: at their bases it gives clearly more than decay takes. */
const member: fc.Arbitrary<Omit<Member, 'type'>> = fc
  .record({
    category: fc.constantFrom(...MOTIVATION_CATEGORIES),
    urgency: between(0, 0.45),
    satisfaction: between(0, 1),
    maxUrgency: between(0.45, 1),
    decayRate: between(0.005, 0.1),
    boostFactor: between(0.5, 2),
    more: between(0.05, 0.5),
    cooldownSeconds: fc.nat(7_200),
    minutes: fc.integer({ min: 1, max: 120 }),
    succeedsEvery: fc.nat(4),
  })
  .map(({ urgency, satisfaction, maxUrgency, decayRate, boostFactor, more, ...rest }) => ({
    ...rest,
    defaults: { urgency, satisfaction, maxUrgency, decayRate, boostFactor },
    satisfactionChange: { success: 0.2, partial: 0.1, failure: -0.1 },
    boost: Math.min(1, (1.5 * decayRate + more) / boostFactor),
  }));

describe('no starvation', () => {
  it('whoever has a reason for ever has a task again and again, in any population whose tasks end', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 2, maxLength: 8 }), fc.integer({ min: 1, max: 3 }), (some, places) => {
        const members = some.map((one, index) => ({ ...one, type: `type_${String(index)}` }));
        const { tasks, lives } = simulate(members, worldOf(members), { ...RULES, maxConcurrentTasks: places });
        for (const { type, longestWaitHours } of lives) {
          expect(tasks.filter((task) => task.type === type).length).toBeGreaterThan(2);
          expect(longestWaitHours).toBeLessThan(10 * 24);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('a crowd of urgent ones that takes every place does not keep out one that is never urgent', () => {
    const keen: Omit<Member, 'type'> = {
      category: 'remedial',
      defaults: { urgency: 0.9, satisfaction: 0, maxUrgency: 1, decayRate: 0.02, boostFactor: 1 },
      cooldownSeconds: 900,
      satisfactionChange: { success: 0.2, partial: 0.1, failure: -0.1 },
      boost: 0.5,
      minutes: 60,
      succeedsEvery: 1,
    };
    const crowd = Array.from({ length: 40 }, (_, index) => ({ ...keen, type: `keen_${String(index)}` }));
    const modest = { ...keen, type: 'modest', defaults: { ...keen.defaults, urgency: 0.5, maxUrgency: 0.5 } };
    const { tasks } = simulate([...crowd, modest], worldOf([...crowd, modest]), { ...RULES, hours: 10 * 24 });
    expect(tasks.filter(({ type }) => type === 'modest').length).toBeGreaterThanOrEqual(4);
  });
});
