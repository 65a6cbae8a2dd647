import fc from 'fast-check';
import { factorsOf, scoreOf, type Arbitrated } from '../../src/motivation/dynamics/arbitration.rules.js';

const arbitrationScore = (state: Arbitrated, at: Date): number => scoreOf(factorsOf(state, at));

const now = new Date('2026-11-23T08:00:00Z');
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const fresh: Arbitrated = { urgency: 0.5, satisfaction: 0.2, totalAttempts: 0, successRate: 0, lastTriggeredAt: null };

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const anyInput = fc.record({
  urgency: fraction,
  satisfaction: fraction,
  totalAttempts: fc.nat(50),
  successRate: fraction,
  lastTriggeredAt: fc.option(fc.nat(2_000).map(hoursAgo)),
});

describe('the arbitration score', () => {
  it('is urgency times lack of satisfaction for a motivation that never ran', () => {
    expect(arbitrationScore(fresh, now)).toBeCloseTo(0.4, 12);
  });

  it('counts the success rate from three attempts on, and never below one half', () => {
    expect(arbitrationScore({ ...fresh, totalAttempts: 2 }, now)).toBeCloseTo(0.4, 12);
    expect(arbitrationScore({ ...fresh, totalAttempts: 3 }, now)).toBeCloseTo(0.2, 12);
    expect(arbitrationScore({ ...fresh, totalAttempts: 3, successRate: 0.75 }, now)).toBeCloseTo(0.3, 12);
  });

  it('rises with the time since the last task, to one and a half', () => {
    expect(arbitrationScore({ ...fresh, lastTriggeredAt: hoursAgo(12) }, now)).toBeCloseTo(0.5, 12);
    expect(arbitrationScore({ ...fresh, lastTriggeredAt: hoursAgo(480) }, now)).toBeCloseTo(0.6, 12);
  });

  it('stays between 0 and 1', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const score = arbitrationScore(input, now);
        return score >= 0 && score <= 1;
      }),
    );
  });

  it('never falls when urgency rises or satisfaction falls', () => {
    fc.assert(
      fc.property(anyInput, fraction, fraction, (input, urgency, satisfaction) => {
        const more = { ...input, urgency: Math.max(input.urgency, urgency) };
        const keener = { ...more, satisfaction: Math.min(input.satisfaction, satisfaction) };
        return arbitrationScore(keener, now) >= arbitrationScore(input, now);
      }),
    );
  });
});
