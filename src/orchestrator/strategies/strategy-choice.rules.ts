import { learnedPreference, posteriorOf, type StrategyHistory } from '../learning/learned-preference.rules.js';
import { isHigh, type Complexity } from '../planning/complexity.rules.js';
import type { ExecutionSettings } from '../planning/execution-settings.rules.js';
import { STRATEGIES, type InputType, type StrategyName } from '../workflows/workflow.values.js';

export interface Alternative {
  readonly strategy: StrategyName;
  /** Why it was not chosen. */
  readonly reason: string;
  /** What its class says of it: the mean of its posterior success, 0..1. */
  readonly success: number;
  readonly samples: number;
}

export interface StrategyChoice {
  readonly strategy: StrategyName;
  readonly reasons: readonly string[];
  /** Every other one. */
  readonly alternatives: readonly Alternative[];
}

export interface ChoiceInput {
  readonly workflowId: string;
  readonly inputType: InputType;
  readonly settings: Pick<
    ExecutionSettings,
    'strategy' | 'maxExecutionTimeMinutes' | 'optimizationFocus' | 'requireCouncilConsensus'
  >;
  readonly complexity: Complexity;
  /** Of its class; none for a class without a past. */
  readonly histories: readonly StrategyHistory[];
}

const SHORT_MINUTES = 60;

interface Rule {
  readonly strategy: StrategyName;
  readonly holds: (input: ChoiceInput) => boolean;
  readonly because: (input: ChoiceInput) => string;
  /** What it lacks where it does not hold. */
  readonly unless: (input: ChoiceInput) => string;
}

const levels = ({ complexity }: ChoiceInput): string =>
  `overall ${complexity.overall}, scope ${complexity.scope}, coordination ${complexity.coordination}`;

const minutes = ({ settings }: ChoiceInput): string =>
  `${settings.maxExecutionTimeMinutes} minutes against ${SHORT_MINUTES}`;

const focus = ({ settings }: ChoiceInput): string => `the focus is ${settings.optimizationFocus}`;

const isShort = ({ settings }: ChoiceInput): boolean => settings.maxExecutionTimeMinutes < SHORT_MINUTES;

/** The first that holds is taken, unless the request asks for a strategy, or one has done better in workflows of the class. */
const RULES: readonly Rule[] = [
  {
    strategy: 'recursive_decomposition',
    holds: ({ inputType }) => inputType === 'goal_workflow',
    because: () => 'it is a goal workflow',
    unless: () => 'it is no goal workflow',
  },
  {
    strategy: 'council_driven',
    holds: ({ settings, complexity }) =>
      settings.requireCouncilConsensus && (isHigh(complexity.risk) || isHigh(complexity.quality)),
    because: ({ complexity }) =>
      `consensus of a council is required, risk is ${complexity.risk}, quality ${complexity.quality}`,
    unless: ({ settings, complexity }) =>
      settings.requireCouncilConsensus
        ? `neither risk (${complexity.risk}) nor quality (${complexity.quality}) is high`
        : 'consensus of a council is not required',
  },
  {
    strategy: 'parallel_execution',
    holds: (input) => input.complexity.decomposition_needed && isShort(input),
    because: (input) => `decomposition is needed (${levels(input)}) and time is short: ${minutes(input)}`,
    unless: (input) =>
      isShort(input) ? `decomposition is not needed (${levels(input)})` : `there is time: ${minutes(input)}`,
  },
  {
    strategy: 'recursive_decomposition',
    holds: ({ complexity }) => complexity.decomposition_needed,
    because: (input) => `decomposition is needed (${levels(input)}) and there is time: ${minutes(input)}`,
    unless: (input) => `decomposition is not needed (${levels(input)})`,
  },
  {
    strategy: 'parallel_execution',
    holds: ({ settings }) => settings.optimizationFocus === 'speed',
    because: () => 'the focus is on speed',
    unless: focus,
  },
  {
    strategy: 'iterative_refinement',
    holds: ({ settings }) => settings.optimizationFocus === 'quality',
    because: () => 'the focus is on quality',
    unless: focus,
  },
  {
    strategy: 'direct_execution',
    holds: ({ complexity }) => complexity.overall === 'low',
    because: () => 'overall complexity is low',
    unless: ({ complexity }) => `overall complexity is ${complexity.overall}`,
  },
];

const LAST: Rule = {
  strategy: 'sequential_decomposition',
  holds: () => true,
  because: ({ complexity }) => `overall complexity is ${complexity.overall}`,
  unless: () => 'another rule comes first',
};

/** Among all there are; every answer says why, and why not the others. */
export function chooseStrategy(input: ChoiceInput): StrategyChoice {
  const { strategy, reasons } = chosen(input);
  return { strategy, reasons, alternatives: alternativesTo(strategy, input) };
}

function chosen(input: ChoiceInput): Omit<StrategyChoice, 'alternatives'> {
  const { settings, histories, complexity, workflowId } = input;
  if (settings.strategy !== undefined) return { strategy: settings.strategy, reasons: ['the request asks for it'] };
  const rule = RULES.find(({ holds }) => holds(input)) ?? LAST;
  const because = rule.because(input);
  const learned = learnedPreference({ usual: rule.strategy, histories, settings, complexity, workflowId });
  return learned.kind === 'none'
    ? { strategy: rule.strategy, reasons: [because, learned.reason] }
    : { strategy: learned.strategy, reasons: [learned.reason, `the rules alone choose ${rule.strategy}: ${because}`] };
}

function alternativesTo(strategy: StrategyName, input: ChoiceInput): Alternative[] {
  return STRATEGIES.filter((other) => other !== strategy).map((other) => {
    const rules = [...RULES, LAST].filter((rule) => rule.strategy === other);
    const fits = rules.find(({ holds }) => holds(input));
    const lacks = rules.length === 0 ? 'no rule chooses it' : rules.map(({ unless }) => unless(input)).join(', ');
    const { samples = 0, successes = 0 } = input.histories.find((each) => each.strategy === other) ?? {};
    return {
      strategy: other,
      reason: fits === undefined ? lacks : `another comes first, though ${fits.because(input)}`,
      success: Math.round(posteriorOf({ samples, successes }).mean * 1e6) / 1e6,
      samples,
    };
  });
}
