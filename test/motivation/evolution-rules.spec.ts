import fc from 'fast-check';
import { factorsOf, scoreOf } from '../../src/motivation/dynamics/arbitration.rules.js';
import type { MotivationState } from '../../src/motivation/dynamics/dynamics.types.js';
import { boostedByHand, discharged, evolved } from '../../src/motivation/dynamics/evolution.rules.js';
import { anyState, fraction, hoursAgo, isPossible, NOW, stateOf } from './motivation-states.js';

const after = (state: MotivationState, seconds: number, boost = 0): MotivationState =>
  evolved(state, { elapsedSeconds: seconds, evidencedSeconds: seconds, boost });
const HOUR = 3_600;

/** Whatever a clock may say. */
const anySeconds = fc.oneof(
  fc.double({ min: 0, max: 1e7 }),
  fc.constantFrom(0, -0, -30, -1e9, Infinity, -Infinity, Number.NaN, Number.MAX_VALUE, Number.MIN_VALUE),
);

describe('urgency over time', () => {
  it.each([
    ['rises by boost × factor − decay in 30 s', 0.5, 0.1, 30, 0.6],
    ['falls by its decay without evidence', 0.5, 0, 30, 0.48],
    ['moves by the time that passed, not by how often one looks', 0.5, 0.1, 15, 0.55],
    ['is clamped once, after boost and decay: at the top', 0.95, 0.2, 30, 1],
    ['is clamped once, after boost and decay: at the bottom', 0.01, 0.01, 30, 0.002],
    ['does not fall under 0', 0.01, 0, 300, 0],
  ])('%s', (_, urgency, boost, seconds, expected) => {
    expect(after(stateOf({ urgency }), seconds, boost).urgency).toBeCloseTo(expected, 12);
  });

  it('stops at the greatest urgency, also when that was lowered under it', () => {
    expect(after(stateOf({ urgency: 0.84, maxUrgency: 0.85 }), 30, 0.4).urgency).toBe(0.85);
    expect(after(stateOf({ urgency: 0.9, maxUrgency: 0.4 }), 30, 0.4).urgency).toBe(0.4);
    expect(after(stateOf({ urgency: 0.9, maxUrgency: 0.4 }), 0).urgency).toBe(0.4);
  });

  it('counts evidence only for the time it stands for: the rest decays', () => {
    const state = stateOf({ urgency: 0.5, decayRate: 0.02, boostFactor: 1 });
    const { urgency } = evolved(state, { elapsedSeconds: 330, evidencedSeconds: 30, boost: 0.1 });
    expect(urgency).toBeCloseTo(0.5 - 0.2 + 0.08, 12);
  });

  it('an outage first lets urgency fall to 0, then the evidence counts whole', () => {
    const { urgency } = evolved(stateOf({ boostFactor: 1 }), { elapsedSeconds: 1e6, evidencedSeconds: 30, boost: 0.1 });
    expect(urgency).toBeCloseTo(0.08, 12);
  });
});

describe('what relaxes', () => {
  it('satisfaction halves in 6 h, down to its least: no satisfied motivation dies for good', () => {
    expect(after(stateOf({ satisfaction: 0.8 }), 6 * HOUR).satisfaction).toBeCloseTo(0.4, 12);
    expect(after(stateOf({ satisfaction: 0.8, minSatisfaction: 0.4 }), 6 * HOUR).satisfaction).toBeCloseTo(0.6, 12);
    expect(after(stateOf({ satisfaction: 0.1, minSatisfaction: 0.3 }), 6 * HOUR).satisfaction).toBeCloseTo(0.2, 12);
  });

  it('a wholly satisfied motivation whose condition holds comes back', () => {
    const satisfied = stateOf({ satisfaction: 1 });
    const score = (hours: number): number => scoreOf(factorsOf(after(satisfied, hours * HOUR, 0.1), NOW));
    expect(score(0)).toBe(0);
    expect(score(3)).toBeLessThan(0.3);
    expect(score(4)).toBeGreaterThan(0.3);
  });

  it('rates halve their distance to their bases in 24 h', () => {
    const learned = stateOf({ decayRate: 0.2, boostFactor: 0.5, baseDecayRate: 0.02, baseBoostFactor: 1.3 });
    const next = after(learned, 24 * HOUR);
    expect(next.decayRate).toBeCloseTo(0.11, 12);
    expect(next.boostFactor).toBeCloseTo(0.9, 12);
    expect([next.baseDecayRate, next.baseBoostFactor]).toEqual([0.02, 1.3]);
  });
});

describe('whatever passes', () => {
  it('leaves a state that is possible, and touches only what time changes', () => {
    fc.assert(
      fc.property(anyState, anySeconds, anySeconds, fraction, (state, elapsedSeconds, evidencedSeconds, boost) => {
        const next = evolved(state, { elapsedSeconds, evidencedSeconds, boost });
        expect(isPossible(next)).toBe(true);
        expect(next.urgency).toBeLessThanOrEqual(state.maxUrgency);
        const { urgency, satisfaction, decayRate, boostFactor } = state;
        expect({ ...next, urgency, satisfaction, decayRate, boostFactor }).toEqual(state);
      }),
    );
  });

  it.each([0, -1, -86_400, Number.NaN, -Infinity])('no time passes in %d s', (seconds) => {
    const state = stateOf({ decayRate: 0.1, baseDecayRate: 0.02 });
    expect(after(state, seconds, 1)).toEqual(state);
  });

  it('in endless time everything is as if it had never been', () => {
    const next = after(stateOf({ decayRate: 0.1, baseDecayRate: 0.02, boostFactor: 2 }), Infinity);
    expect(next).toMatchObject({ urgency: 0, satisfaction: 0, decayRate: 0.02 });
  });

  it('evidence for more than the time that passed, or for less than none, counts for that time or none', () => {
    fc.assert(
      fc.property(anyState, fc.double({ min: 0, max: 1e5, noNaN: true }), fraction, (state, elapsedSeconds, boost) => {
        const whole = evolved(state, { elapsedSeconds, evidencedSeconds: elapsedSeconds, boost });
        expect(evolved(state, { elapsedSeconds, evidencedSeconds: Infinity, boost })).toEqual(whole);
        const none = evolved(state, { elapsedSeconds, evidencedSeconds: 0, boost });
        expect(evolved(state, { elapsedSeconds, evidencedSeconds: -1e5, boost })).toEqual(none);
      }),
    );
  });

  it('more boost never makes less urgent', () => {
    fc.assert(
      fc.property(anyState, anySeconds, fraction, fraction, (state, seconds, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        return after(state, seconds, more).urgency >= after(state, seconds, less).urgency;
      }),
    );
  });

  it('more urgency stays more urgency, and more satisfaction more satisfaction', () => {
    fc.assert(
      fc.property(anyState, anySeconds, fraction, fraction, (state, seconds, boost, level) => {
        const urgent = { ...state, urgency: Math.max(state.urgency, level) };
        const satisfied = { ...state, satisfaction: Math.max(state.satisfaction, level) };
        const next = after(state, seconds, boost);
        expect(after(urgent, seconds, boost).urgency).toBeGreaterThanOrEqual(next.urgency);
        expect(after(satisfied, seconds, boost).satisfaction).toBeGreaterThanOrEqual(next.satisfaction - 1e-15);
      }),
    );
  });
});

describe('dynamics do not depend on the interval', () => {
  const LEVELS = ['urgency', 'satisfaction', 'decayRate', 'boostFactor'] as const;
  const expectEqual = (a: MotivationState, b: MotivationState): void => {
    for (const level of LEVELS) expect(Math.abs(a[level] - b[level])).toBeLessThanOrEqual(1e-9);
  };

  /** In a minute or so never near a clamp; rates far from their bases. */
  const farFromClamps = fc
    .record({
      urgency: fc.double({ min: 0.4, max: 0.6, noNaN: true }),
      satisfaction: fraction,
      minSatisfaction: fraction,
      decayRate: fc.double({ min: 0, max: 0.1, noNaN: true }),
      baseDecayRate: fc.double({ min: 0, max: 0.1, noNaN: true }),
      boostFactor: fc.double({ min: 0.5, max: 2, noNaN: true }),
      baseBoostFactor: fc.double({ min: 0.5, max: 2, noNaN: true }),
    })
    .map(stateOf);
  const boosts = fc.double({ min: 0, max: 0.1, noNaN: true });

  it('1 × 30 s is 30 × 1 s', () => {
    fc.assert(
      fc.property(farFromClamps, boosts, (state, boost) => {
        let stepped = state;
        for (let second = 0; second < 30; second++) stepped = after(stepped, 1, boost);
        expectEqual(stepped, after(state, 30, boost));
      }),
    );
  });

  it('nor on how a time is split', () => {
    const splits = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(farFromClamps, boosts, splits, (state, boost, parts) => {
        const stepped = parts.reduce((one, seconds) => after(one, seconds, boost), state);
        expectEqual(
          stepped,
          after(
            state,
            parts.reduce((sum, seconds) => sum + seconds, 0),
            boost,
          ),
        );
      }),
    );
  });

  it('over a whole day in which rates relax by half: 1 × 24 h is 2,880 × 30 s', () => {
    const state = stateOf({ decayRate: 2e-5, baseDecayRate: 1e-5, boostFactor: 2, baseBoostFactor: 1 });
    let stepped = state;
    for (let step = 0; step < 2_880; step++) stepped = after(stepped, 30, 1e-4);
    expectEqual(stepped, after(state, 24 * HOUR, 1e-4));
    expect(stepped.urgency).toBeGreaterThan(0.8);
    expect(stepped.urgency).toBeLessThan(1);
  });
});

describe('a boost by hand', () => {
  it('is immediate and whole', () => {
    expect(boostedByHand(stateOf({ urgency: 0.1, boostFactor: 1.5 }), 0.2).urgency).toBeCloseTo(0.4, 12);
    expect(boostedByHand(stateOf({ urgency: 0.8, maxUrgency: 0.85 }), 1).urgency).toBe(0.85);
  });

  it('changes nothing but urgency: no cooldown begins, and the time factor rises on', () => {
    fc.assert(
      fc.property(anyState, fraction, (state, amount) => {
        const boosted = boostedByHand(state, amount);
        expect(boosted).toEqual({ ...state, urgency: boosted.urgency });
        expect(boosted.urgency).toBeGreaterThanOrEqual(Math.min(state.urgency, state.maxUrgency));
        expect(boosted.urgency).toBeLessThanOrEqual(state.maxUrgency);
        expect(factorsOf(boosted, NOW).time).toBe(factorsOf(state, NOW).time);
      }),
    );
  });

  it('never gives less for more', () => {
    fc.assert(
      fc.property(
        anyState,
        fraction,
        fraction,
        (state, one, other) =>
          boostedByHand(state, Math.max(one, other)).urgency >= boostedByHand(state, Math.min(one, other)).urgency,
      ),
    );
  });
});

describe('spawning a task', () => {
  it('discharges urgency to 30 % and starts the cooldown', () => {
    const state = stateOf({ urgency: 0.8, lastTriggeredAt: hoursAgo(30) });
    const next = discharged(state, NOW);
    expect(next.urgency).toBeCloseTo(0.24, 12);
    expect(next).toEqual({ ...state, urgency: next.urgency, lastTriggeredAt: NOW });
  });
});
