import { EMPTY_BRIEF } from '../../src/orchestrator/planning/inputs/workflow-brief.js';
import fc from 'fast-check';
import { assessComplexity, type Complexity } from '../../src/orchestrator/planning/complexity.rules.js';
import type { StrategyHistory } from '../../src/orchestrator/learning/learned-preference.rules.js';
import { chanceOfBetter, posteriorOf } from '../../src/orchestrator/learning/learned-preference.rules.js';
import { chooseStrategy, type ChoiceInput } from '../../src/orchestrator/strategies/strategy-choice.rules.js';
import { STRATEGIES, type StrategyName } from '../../src/orchestrator/workflows/workflow.values.js';

/** Its last digits are the whole of its share: the first explores, the other does not. */
const EXPLORER = '019ab0c4-5d6e-7f80-9123-456700000000';
const OTHER = '019ab0c4-5d6e-7f80-9123-4567ffffffff';

const complexity = (more: Partial<Complexity> = {}): Complexity => ({
  ...assessComplexity({
    inputType: 'user_prompt',
    brief: { ...EMPTY_BRIEF, objective: 'Short.' },
    settings: {},
    urgency: 'normal',
  }),
  ...more,
});
const HARD = complexity({ overall: 'high', decomposition_needed: true });
const MEDIUM = complexity({ overall: 'medium' });

const history = (strategy: StrategyName, samples: number, successes: number, cost = 0.01): StrategyHistory => ({
  strategy,
  samples,
  successes,
  llm_calls: 3,
  agents: 3,
  cost_usd: cost,
  mean_duration_ms: 1000,
  duration_ms: 900,
  duration_error_ms: 100,
});

const choose = (
  more: Partial<Omit<ChoiceInput, 'settings'>> & { settings?: Partial<ChoiceInput['settings']> } = {},
): ReturnType<typeof chooseStrategy> =>
  chooseStrategy({
    workflowId: OTHER,
    inputType: 'user_prompt',
    complexity: complexity(),
    histories: [],
    ...more,
    settings: {
      maxExecutionTimeMinutes: 120,
      optimizationFocus: 'balanced',
      requireCouncilConsensus: false,
      ...more.settings,
    },
  });

describe('the choice of a strategy', () => {
  it.each<[StrategyName, string, Parameters<typeof choose>[0]]>([
    [
      'council_driven',
      'an explicit strategy',
      { inputType: 'goal_workflow', settings: { strategy: 'council_driven' } },
    ],
    ['recursive_decomposition', 'a goal', { inputType: 'goal_workflow' }],
    [
      'recursive_decomposition',
      'a goal that also asks for a council',
      {
        inputType: 'goal_workflow',
        complexity: complexity({ risk: 'high' }),
        settings: { requireCouncilConsensus: true },
      },
    ],
    [
      'council_driven',
      'high risk with consensus',
      { complexity: { ...HARD, risk: 'high' }, settings: { requireCouncilConsensus: true } },
    ],
    [
      'council_driven',
      'critical quality with consensus',
      { complexity: complexity({ quality: 'critical' }), settings: { requireCouncilConsensus: true } },
    ],
    ['direct_execution', 'consensus without risk', { settings: { requireCouncilConsensus: true } }],
    ['direct_execution', 'risk without consensus', { complexity: complexity({ risk: 'high' }) }],
    ['parallel_execution', '59 minutes', { complexity: HARD, settings: { maxExecutionTimeMinutes: 59 } }],
    ['recursive_decomposition', '60 minutes', { complexity: HARD, settings: { maxExecutionTimeMinutes: 60 } }],
    [
      'recursive_decomposition',
      'decomposition before focus',
      { complexity: HARD, settings: { optimizationFocus: 'quality' } },
    ],
    ['parallel_execution', 'focus on speed', { settings: { optimizationFocus: 'speed' } }],
    ['iterative_refinement', 'focus on quality', { settings: { optimizationFocus: 'quality' } }],
    ['direct_execution', 'low complexity', {}],
    ['direct_execution', 'low complexity and focus on cost', { settings: { optimizationFocus: 'cost' } }],
    ['sequential_decomposition', 'medium complexity', { complexity: MEDIUM }],
  ])('%s: %s', (strategy, _what, given) => {
    const choice = choose(given);
    expect(choice.strategy).toBe(strategy);
    expect(choice.reasons[0]).toMatch(/\S/);
    expect(choice.alternatives.map((each) => each.strategy)).toEqual(STRATEGIES.filter((each) => each !== strategy));
    for (const { reason } of choice.alternatives) expect(reason).toMatch(/\S/);
  });

  it('chooses each of the six, and by the focus too', () => {
    const chosen = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom('user_prompt' as const, 'goal_workflow' as const),
        fc.constantFrom(complexity(), MEDIUM, HARD, complexity({ quality: 'high' })),
        fc.constantFrom('speed' as const, 'cost' as const, 'quality' as const, 'balanced' as const),
        fc.boolean(),
        fc.constantFrom(30, 120),
        (inputType, given, optimizationFocus, requireCouncilConsensus, maxExecutionTimeMinutes) => {
          const settings = { optimizationFocus, requireCouncilConsensus, maxExecutionTimeMinutes };
          chosen.add(choose({ inputType, complexity: given, settings }).strategy);
        },
      ),
      { numRuns: 500, seed: 19 },
    );
    expect([...chosen].sort()).toEqual([...STRATEGIES].sort());
    const byFocus = (['speed', 'quality', 'balanced'] as const).map(
      (optimizationFocus) => choose({ settings: { optimizationFocus } }).strategy,
    );
    expect(new Set(byFocus).size).toBe(3);
  });
});

describe('what was learned', () => {
  const failing = history('sequential_decomposition', 10, 2);
  const better = history('iterative_refinement', 10, 9);

  it('overrules the rules with numbers', () => {
    const choice = choose({ complexity: MEDIUM, histories: [failing, better] });
    expect(choice.strategy).toBe('iterative_refinement');
    expect(choice.reasons).toEqual([
      'learned: iterative_refinement succeeds with 0.83 in 10 samples at 0.01 USD and 1000 ms, sequential_decomposition succeeds with 0.25 ' +
        'in 10 samples at 0.01 USD and 1000 ms; it is better with a chance of 1.00',
      'the rules alone choose sequential_decomposition: overall complexity is medium',
    ]);
    expect(choice.alternatives.find(({ strategy }) => strategy === 'sequential_decomposition')).toMatchObject({
      success: 0.25,
      samples: 10,
    });
  });

  it.each<[string, Parameters<typeof choose>[0]]>([
    ['an explicit strategy', { settings: { strategy: 'sequential_decomposition' } }],
    ['four samples of the better one', { histories: [failing, history('iterative_refinement', 4, 4)] }],
    ['four samples of the usual one', { histories: [history('sequential_decomposition', 4, 0), better] }],
    ['hardly a difference', { histories: [history('sequential_decomposition', 10, 8), better] }],
    ['no past', { histories: [] }],
  ])('does not overrule with %s', (_what, given) => {
    expect(choose({ complexity: MEDIUM, histories: [failing, better], ...given }).strategy).toBe(
      'sequential_decomposition',
    );
  });

  it('does not overrule what the request says matters to it', () => {
    const histories = [history('parallel_execution', 10, 0), history('direct_execution', 10, 10)];
    expect(choose({ complexity: MEDIUM, histories, settings: { optimizationFocus: 'speed' } }).strategy).toBe(
      'parallel_execution',
    );
  });

  it('prefers what costs less with a focus on cost, where it succeeds as often', () => {
    const histories = [history('sequential_decomposition', 10, 10, 0.1), history('direct_execution', 12, 12, 0.01)];
    const chosenFor = (optimizationFocus: 'cost' | 'balanced') =>
      choose({ complexity: MEDIUM, histories, settings: { optimizationFocus } }).strategy;
    expect(chosenFor('cost')).toBe('direct_execution');
    expect(chosenFor('balanced')).toBe('sequential_decomposition');
  });

  it('explores by the id of the workflow, and only where the usual one often fails', () => {
    const weak = history('sequential_decomposition', 10, 5);
    const explored = choose({ workflowId: EXPLORER, complexity: MEDIUM, histories: [weak] });
    expect(explored.strategy).not.toBe('sequential_decomposition');
    expect(explored.reasons[0]).toMatch(/^explored: sequential_decomposition succeeds with 0\.50 in 10 samples/);
    expect(choose({ workflowId: EXPLORER, complexity: MEDIUM, histories: [weak] })).toEqual(explored);
    expect(choose({ workflowId: OTHER, complexity: MEDIUM, histories: [weak] }).strategy).toBe(weak.strategy);
    const good = history('sequential_decomposition', 10, 10);
    expect(choose({ workflowId: EXPLORER, complexity: MEDIUM, histories: [good] }).strategy).toBe(good.strategy);
    const low = history('direct_execution', 10, 1);
    expect(choose({ workflowId: EXPLORER, histories: [low] }).strategy).toBe('direct_execution');
  });

  it('never explores a council, whatever the past', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...STRATEGIES), fc.nat(20), fc.nat(20))), (rows) => {
        const histories = [
          ...new Map(rows.map(([name, n, wins]) => [name, history(name, n, Math.min(n, wins))])).values(),
        ];
        const choice = choose({ workflowId: EXPLORER, complexity: HARD, histories });
        if (choice.reasons[0]?.startsWith('explored')) expect(choice.strategy).not.toBe('council_driven');
        expect(STRATEGIES).toContain(choice.strategy);
      }),
    );
  });

  it('explores one id in twenty', () => {
    const weak = history('sequential_decomposition', 10, 5);
    const ids = Array.from({ length: 200 }, (_, index) => {
      const end = Math.ceil((index / 200) * 2 ** 32).toString(16);
      return `019ab0c4-5d6e-7f80-9123-4567${end.padStart(8, '0')}`;
    });
    const strategies = ids.map((workflowId) => choose({ workflowId, complexity: MEDIUM, histories: [weak] }).strategy);
    expect(strategies.filter((each) => each !== weak.strategy)).toHaveLength(10);
  });
});

describe('a posterior', () => {
  it('starts even, stays within 0 and 1, and follows the evidence', () => {
    expect(posteriorOf({ samples: 0, successes: 0 })).toMatchObject({ alpha: 1, beta: 1, mean: 0.5 });
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (samples, share) => {
        const { mean, deviation } = posteriorOf({ samples, successes: samples * share });
        expect(mean).toBeGreaterThan(0);
        expect(mean).toBeLessThan(1);
        const more = posteriorOf({ samples: samples + 1, successes: samples * share + 1 });
        const less = posteriorOf({ samples: samples + 1, successes: samples * share });
        expect(more.mean).toBeGreaterThan(mean);
        expect(less.mean).toBeLessThan(mean);
        expect(deviation).toBeLessThanOrEqual(Math.sqrt(1 / 12));
      }),
    );
  });

  it('is better than another with a chance that both share', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50), (a, b, c, d) => {
        const one = posteriorOf({ samples: a + b, successes: a });
        const other = posteriorOf({ samples: c + d, successes: c });
        const chance = chanceOfBetter(one, other);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
        expect(chance + chanceOfBetter(other, one)).toBeCloseTo(1, 6);
      }),
    );
  });
});
