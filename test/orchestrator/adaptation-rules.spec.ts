import fc from 'fast-check';
import {
  adaptations,
  INITIAL_PACE,
  type Pace,
  type RunFacts,
} from '../../src/orchestrator/adaptation/adaptation.rules.js';
import {
  deservesCouncil,
  goesOnAfterFailure,
  toleratesMissing,
} from '../../src/orchestrator/adaptation/failure-tolerance.rules.js';

const calm: RunFacts = { costShare: 0.5, timeShare: 0.5, agentsEnded: 10, agentsFailed: 1, bottlenecks: [] };

const namesOf = (facts: Partial<RunFacts>, pace: Pace = INITIAL_PACE, maxAtOnce = 8): string[] =>
  adaptations({ ...calm, ...facts }, pace, maxAtOnce).map(({ name }) => name);

const paceAfter = (facts: Partial<RunFacts>, pace: Pace = INITIAL_PACE, maxAtOnce = 8): Pace =>
  adaptations({ ...calm, ...facts }, pace, maxAtOnce).at(-1)?.pace ?? pace;

describe('a workflow adapts', () => {
  it('to nothing while it goes well, nor at the very marks', () => {
    expect(namesOf({})).toEqual([]);
    expect(namesOf({ costShare: 0.8, timeShare: 0.8, agentsFailed: 3, bottlenecks: ['a', 'b'] })).toEqual([]);
    expect(namesOf({ costShare: undefined })).toEqual([]);
  });

  it('to its cost: half at once but two, and the cheapest model; near the end it answers with what there is', () => {
    expect(namesOf({ costShare: 0.81 })).toEqual(['cost_overrun_risk']);
    expect(paceAfter({ costShare: 0.81 })).toMatchObject({ atOnce: 4, isThrifty: true });
    expect(paceAfter({ costShare: 0.81 }, INITIAL_PACE, 3)).toMatchObject({ atOnce: 2 });
    expect(paceAfter({ costShare: 0.81 }, INITIAL_PACE, 1)).toMatchObject({ atOnce: 1 });
    expect(paceAfter({ costShare: 0.81 })).not.toHaveProperty('endsEarly');
    expect(paceAfter({ costShare: 0.91 })).toMatchObject({ endsEarly: 'cost_overrun_risk', isThrifty: true });
  });

  it('to its time: two more at once up to its limit; near the end it answers with what there is', () => {
    const halved: Pace = { ...INITIAL_PACE, atOnce: 4 };
    expect(paceAfter({ timeShare: 0.85 }, halved)).toMatchObject({ atOnce: 6 });
    expect(paceAfter({ timeShare: 0.85 }, halved, 5)).toMatchObject({ atOnce: 5 });
    expect(paceAfter({ timeShare: 0.95 })).toMatchObject({ endsEarly: 'time_overrun_risk' });
  });

  it('to failures from three agents on, and to more than two bottlenecks', () => {
    expect(namesOf({ agentsEnded: 2, agentsFailed: 2 })).toEqual([]);
    expect(namesOf({ agentsEnded: 10, agentsFailed: 4 })).toEqual(['high_failure_rate']);
    expect(paceAfter({ bottlenecks: ['a', 'b', 'c'] })).toMatchObject({ atOnce: 1 });
  });

  it('once to each thing, and says why with numbers', () => {
    const pace = paceAfter({ costShare: 0.85, agentsFailed: 5 });
    expect(namesOf({ costShare: 0.86, agentsFailed: 6 }, pace)).toEqual([]);
    const [first] = adaptations({ ...calm, costShare: 0.853 }, INITIAL_PACE, 8);
    expect(first).toMatchObject({ reason: '85 % of the budget is used.' });
    expect(first?.actions).toContain('at most 4 agents at once');
  });

  it('never to more agents than it may have, nor to none, whatever happens', () => {
    const facts = fc.record({
      costShare: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
      timeShare: fc.double({ min: 0, max: 2, noNaN: true }),
      agentsEnded: fc.nat(50),
      agentsFailed: fc.nat(50),
      bottlenecks: fc.array(fc.string(), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), fc.integer({ min: 1, max: 500 }), (seen, maxAtOnce) => {
        let pace = INITIAL_PACE;
        for (const each of seen) {
          for (const adaptation of adaptations(each, pace, maxAtOnce)) ({ pace } = adaptation);
          expect(pace.atOnce ?? maxAtOnce).toBeGreaterThanOrEqual(1);
          expect(pace.atOnce ?? maxAtOnce).toBeLessThanOrEqual(maxAtOnce);
        }
        expect(new Set(pace.applied).size).toBe(pace.applied.length);
      }),
    );
  });
});

describe('a failed subtask', () => {
  it('goes before a council when others need it, as often as is tolerated', () => {
    expect(deservesCouncil('low', true, 0)).toBe(false);
    expect(deservesCouncil('medium', true, 1)).toBe(true);
    expect(deservesCouncil('high', true, 4)).toBe(false);
    expect(deservesCouncil('high', false, 0)).toBe(false);
  });

  it('ends the others where nothing is tolerated', () => {
    expect((['low', 'medium', 'high'] as const).map(goesOnAfterFailure)).toEqual([false, true, true]);
  });

  it('may be missing in a success only where much is tolerated, and nothing needed it', () => {
    const missing = { subtasks: 6, missing: 2, criticalMissing: 0 };
    expect(toleratesMissing('high', missing)).toBe(true);
    expect(toleratesMissing('high', { ...missing, missing: 3 })).toBe(false);
    expect(toleratesMissing('high', { ...missing, criticalMissing: 1 })).toBe(false);
    expect(toleratesMissing('medium', missing)).toBe(false);
    expect(toleratesMissing('low', { ...missing, missing: 0 })).toBe(true);
  });
});
