import fc from 'fast-check';
import { evidenceOf, scoresOf, type ScoreInput } from '../../src/orchestrator/learning/scores.rules.js';
import { checkedEstimate, estimateOf } from '../../src/orchestrator/planning/estimate.rules.js';
import { STRATEGIES } from '../../src/orchestrator/workflows/workflow.values.js';

const GOOD: ScoreInput = {
  completed: true,
  agents: 4,
  agentsSucceeded: 4,
  criticalFailures: 0,
  retries: 0,
  durationMs: 1000,
  medianDurationMs: null,
  validationScore: null,
  successCriteria: null,
  businessImpact: 0.5,
};
const score = (more: Partial<ScoreInput>, feedback?: number) => scoresOf({ ...GOOD, ...more }, feedback);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const inputs = fc
  .record({
    completed: fc.boolean(),
    agents: fc.nat(50),
    failed: fc.nat(50),
    criticalFailures: fc.nat(5),
    retries: fc.nat(10),
    durationMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    medianDurationMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    validationScore: fc.option(share),
    successCriteria: fc.option(fc.tuple(fc.nat(9), fc.nat(9)).map(([met, unmet]) => ({ met, total: met + unmet }))),
    businessImpact: share,
  })
  .map(({ failed, ...input }): ScoreInput => ({ ...input, agentsSucceeded: Math.max(0, input.agents - failed) }));

describe('scores', () => {
  it.each([
    [0.5, 1],
    [0.51, 0.9],
    [0.75, 0.9],
    [0.76, 0.75],
    [1, 0.75],
    [1.01, 0.5],
    [1.5, 0.5],
    [1.51, 0.25],
    [2, 0.25],
    [2.01, 0.1],
  ])('speed at %d of the median is %d', (ratio, speed) => {
    expect(score({ durationMs: ratio * 1000, medianDurationMs: 1000 }).speed).toBe(speed);
  });

  it('speed without a baseline, or of a workflow that never started, is 0.5', () => {
    expect(score({ durationMs: 1 }).speed).toBe(0.5);
    expect(score({ durationMs: null, medianDurationMs: 1000 }).speed).toBe(0.5);
  });

  it.each<[Partial<ScoreInput>, number]>([
    [{}, 1],
    [{ retries: 1 }, 0.9],
    [{ retries: 3 }, 0.7],
    [{ retries: 9 }, 0.7],
    [{ agentsSucceeded: 2, retries: 1 }, 0.4],
    [{ agentsSucceeded: 0, retries: 1 }, 0],
    [{ validationScore: 0.2 }, 0.8],
    [{ agentsSucceeded: 2, validationScore: 1 }, 0.625],
  ])('quality of %p is %d', (more, quality) => {
    expect(score(more).quality).toBe(quality);
  });

  it.each<[Partial<ScoreInput>, number]>([
    [{}, 1],
    [{ agentsSucceeded: 3 }, 0.95],
    [{ agentsSucceeded: 3, completed: false }, 0.45],
    [{ agentsSucceeded: 3, criticalFailures: 1 }, 0.7],
    [{ agentsSucceeded: 0, completed: false }, 0],
    [{ agents: 0, agentsSucceeded: 0 }, 1],
    [{ agents: 0, agentsSucceeded: 0, completed: false }, 0],
  ])('success of %p is %d', (more, success) => {
    expect(score(more).success).toBe(success);
  });

  it.each<[Partial<ScoreInput>, number | undefined, number]>([
    [{}, undefined, 0.86],
    [{ completed: false, agentsSucceeded: 0 }, undefined, 0.14],
    [{ agentsSucceeded: 2 }, undefined, 0.71],
    [{}, 1, 0.916],
    [{}, 0, 0.516],
    [{ successCriteria: { met: 1, total: 4 } }, undefined, 0.25],
    [{ successCriteria: { met: 0, total: 0 } }, undefined, 0.86],
    [{ businessImpact: 1 }, undefined, 0.96],
    [{ businessImpact: 0 }, 0.5, 0.616],
  ])('usefulness of %p with feedback %p is %d', (more, feedback, usefulness) => {
    expect(score(more, feedback).usefulness).toBe(usefulness);
  });

  it('composite weighs the four', () => {
    expect(score({ durationMs: 900, medianDurationMs: 1000, retries: 1 }).composite).toBe(
      0.25 * 0.75 + 0.3 * 0.9 + 0.35 * 1 + 0.1 * 0.86,
    );
  });

  it('stay within 0 and 1 and weigh to the composite, whatever happened', () => {
    fc.assert(
      fc.property(inputs, fc.option(share, { nil: undefined }), (input, feedback) => {
        const { composite, ...four } = scoresOf(input, feedback);
        for (const each of [...Object.values(four), composite]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(1);
        }
        const { speed, quality, success, usefulness } = four;
        expect(composite).toBeCloseTo(0.25 * speed + 0.3 * quality + 0.35 * success + 0.1 * usefulness, 5);
      }),
    );
  });

  it('never rise with retries, critical failures, failed agents or time, nor fall with feedback', () => {
    fc.assert(
      fc.property(inputs, share, share, (input, one, other) => {
        const { composite } = scoresOf(input);
        const worse: Partial<ScoreInput>[] = [
          { retries: input.retries + 1 },
          { criticalFailures: input.criticalFailures + 1 },
          ...(input.agents > 0 ? [{ agentsSucceeded: Math.max(0, input.agentsSucceeded - 1) }] : []),
          ...(input.durationMs === null ? [] : [{ durationMs: input.durationMs * 2 }]),
        ];
        for (const more of worse) expect(scoresOf({ ...input, ...more }).composite).toBeLessThanOrEqual(composite);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(scoresOf(input, high).composite).toBeGreaterThanOrEqual(scoresOf(input, low).composite);
        expect(evidenceOf(input.completed, high)).toBeGreaterThanOrEqual(evidenceOf(input.completed, low));
      }),
    );
  });

  it('what a workflow says of its strategy is corrected by feedback', () => {
    expect([evidenceOf(true), evidenceOf(false)]).toEqual([1, 0]);
    expect([evidenceOf(true, 0), evidenceOf(true, 1), evidenceOf(false, 1), evidenceOf(false, 0)]).toEqual([
      0.6, 1, 0.4, 0,
    ]);
  });
});

describe('an estimate', () => {
  const planned = {
    inputType: 'user_prompt',
    complexity: 'low',
    settings: { maxSubtasks: 8, maxExecutionTimeMinutes: 120 },
    maxCostUsd: '5',
  };

  it('comes from five of the class, else from the bounds of the plan', () => {
    const history = { samples: 5, llm_calls: 2.4, agents: 2, cost_usd: 0.01, duration_ms: 800, duration_error_ms: 90 };
    const strategy = 'parallel_execution';
    expect(estimateOf({ ...planned, strategy, history })).toMatchObject({
      llm_calls: 2.4,
      duration_ms: 800,
      duration_error_ms: 90,
      basis: { kind: 'history', samples: 5, strategy },
    });
    expect(estimateOf({ ...planned, strategy, history: { ...history, samples: 4 } })).toEqual({
      llm_calls: 10,
      agents: 10,
      cost_usd: 5,
      duration_ms: 3_000_000,
      duration_error_ms: null,
      time_limit_ms: 7_200_000,
      basis: { kind: 'bounds', samples: 4, input_type: 'user_prompt', complexity: 'low', strategy },
    });
  });

  it.each(STRATEGIES)('of %s has bounds that are never more than the limits', (strategy) => {
    const estimate = estimateOf({ ...planned, strategy, history: undefined });
    expect(estimate.llm_calls).toBeGreaterThanOrEqual(1);
    expect(estimate.duration_ms).toBeLessThanOrEqual(120 * 60_000);
    expect(estimateOf({ ...planned, maxCostUsd: undefined, strategy, history: undefined }).cost_usd).toBeNull();
  });

  it('is held against what it took', () => {
    const estimate = estimateOf({
      ...planned,
      maxCostUsd: undefined,
      strategy: 'direct_execution',
      history: undefined,
    });
    const actual = { llm_calls: 3, agents: 1, cost_usd: 0.02, duration_ms: 150_000 };
    expect(checkedEstimate(estimate, actual)).toEqual({
      ...estimate,
      actual,
      error: { llm_calls: 2, agents: 0, cost_usd: null, duration_ms: -0.5 },
    });
  });
});
