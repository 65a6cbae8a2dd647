import fc from 'fast-check';
import { leastWeight, progressAt, progressOfWork, weightOf } from '../../src/orchestrator/run/progress.rules.js';
import { remainingOf, type SoFar } from '../../src/orchestrator/workflows/remaining.rules.js';
import { STRATEGIES, WORKFLOW_PHASES } from '../../src/orchestrator/workflows/workflow.values.js';

describe('progress', () => {
  it('begins each phase further than the one before, and only the end is 100', () => {
    const starts = WORKFLOW_PHASES.map(progressAt);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts.filter((start) => start === 100)).toHaveLength(1);
    expect(progressAt('completed')).toBe(100);
  });

  it('grows with the work, between the plan and what is made of it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, other) => {
          const [less, more] = [Math.min(one, other), Math.max(one, other)];
          expect(progressOfWork(less)).toBeLessThanOrEqual(progressOfWork(more));
          expect(progressOfWork(less)).toBeGreaterThanOrEqual(progressAt('executing'));
          expect(progressOfWork(more)).toBeLessThanOrEqual(progressAt('finalizing'));
        },
      ),
    );
    expect([progressOfWork(0), progressOfWork(0.5), progressOfWork(1)]).toEqual([10, 50, 90]);
  });

  it('weighs what is decomposed again more than the work of one agent', () => {
    expect(weightOf({})).toBe(1);
    expect(weightOf({ decompose: false })).toBe(1);
    expect(weightOf({ decompose: true })).toBeGreaterThan(2);
  });

  it('takes only a refinement for longer than what is planned of it', () => {
    expect(STRATEGIES.filter((strategy) => leastWeight(strategy) > 0)).toEqual(['iterative_refinement']);
  });
});

describe('the time that is left', () => {
  const history = {
    basis: {
      kind: 'history',
      samples: 5,
      input_type: 'user_prompt',
      complexity: 'low',
      strategy: 'direct_execution',
    },
    duration_ms: 10_000,
    duration_error_ms: 2_000,
  } as const;
  const soFar = (more: Partial<SoFar> = {}): SoFar => ({
    progress: 50,
    workedMs: 4_000,
    isRetried: false,
    estimate: null,
    agents: { completed: 4, meanMs: 1_000, deviationMs: 100 },
    ...more,
  });
  const few = { completed: 2, meanMs: 1_000, deviationMs: 0 };

  it('is not known where nothing says anything of it', () => {
    expect(remainingOf(soFar({ agents: few }))).toBeUndefined();
    expect(remainingOf(soFar({ progress: 10 }))).toBeUndefined();
    expect(remainingOf(soFar({ workedMs: undefined }))).toBeUndefined();
    expect(remainingOf(soFar({ isRetried: true, estimate: history }))).toBeUndefined();
    const bounds = { ...history, basis: { ...history.basis, kind: 'bounds' as const }, duration_error_ms: null };
    expect(remainingOf(soFar({ agents: few, estimate: bounds }))).toBeUndefined();
    // As rows of an older version have it.
    const { basis, duration_ms } = history;
    expect(remainingOf(soFar({ agents: few, estimate: { basis, duration_ms } }))).toBeUndefined();
  });

  it('is that of its class until it takes longer than is usual there', () => {
    const left = (workedMs: number | undefined) => remainingOf(soFar({ agents: few, estimate: history, workedMs }));
    expect(left(undefined)).toEqual({ ms: 10_000, errorMs: 2_000 });
    expect(left(4_000)).toEqual({ ms: 6_000, errorMs: 2_000 });
    expect(left(11_000)).toEqual({ ms: 0, errorMs: 2_000 });
    expect(left(12_001)).toBeUndefined();
  });

  it('is by its pace, with the error of a sum of agents like those before', () => {
    expect(remainingOf(soFar())).toEqual({ ms: 4_000, errorMs: Math.round(4_000 * 0.1 * Math.sqrt(1 / 4 + 1 / 4)) });
    expect(remainingOf(soFar({ progress: 80 }))?.ms).toBe(1_000);
  });

  it('is the surer of both', () => {
    expect(remainingOf(soFar({ estimate: history }))?.ms).toBe(4_000);
    const unsteady = { completed: 4, meanMs: 1_000, deviationMs: 2_000 };
    expect(remainingOf(soFar({ estimate: history, agents: unsteady }))).toEqual({ ms: 6_000, errorMs: 2_000 });
  });

  it('is a finite number of milliseconds, never below 0', () => {
    fc.assert(
      fc.property(
        fc.record({
          progress: fc.double({ min: 0, max: 99.99, noNaN: true }),
          workedMs: fc.option(fc.nat(1e9), { nil: undefined }),
          isRetried: fc.boolean(),
          estimate: fc.option(fc.constant(history)),
          agents: fc.record({ completed: fc.nat(100), meanMs: fc.nat(1e7), deviationMs: fc.nat(1e7) }),
        }),
        (given) => {
          const found = remainingOf(given);
          if (found === undefined) return;
          for (const ms of [found.ms, found.errorMs]) {
            expect(Number.isInteger(ms)).toBe(true);
            expect(ms).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});
