import type { Complexity } from '../planning/complexity.rules.js';
import { ENOUGH_SAMPLES } from '../planning/estimate.rules.js';
import type { ExecutionSettings } from '../planning/execution-settings.rules.js';
import { STRATEGIES, type StrategyName } from '../workflows/workflow.values.js';

/** The newest ended workflows of one class that ran with one strategy. */
export interface StrategyHistory {
  readonly strategy: StrategyName;
  readonly samples: number;
  /** Sum of what each says of the strategy, 0..1. */
  readonly successes: number;
  readonly llm_calls: number;
  readonly agents: number;
  /** Means in USD and milliseconds; the median is the other middle of the time. */
  readonly cost_usd: number;
  readonly mean_duration_ms: number;
  readonly duration_ms: number;
  /** Half of what the middle 68 % of the times differ by. */
  readonly duration_error_ms: number;
}

/** What is believed of a strategy's share of success: a Beta distribution, from a uniform one on. */
export interface Posterior {
  readonly alpha: number;
  readonly beta: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface Preference {
  readonly kind: 'learned' | 'explored' | 'none';
  readonly strategy: StrategyName;
  readonly reason: string;
}

export interface PreferenceInput {
  /** What the rules choose without any past. */
  readonly usual: StrategyName;
  readonly histories: readonly StrategyHistory[];
  readonly settings: Pick<ExecutionSettings, 'optimizationFocus' | 'requireCouncilConsensus'>;
  readonly complexity: Pick<Complexity, 'overall' | 'decomposition_needed'>;
  readonly workflowId: string;
}

/** How sure it has to be that another strategy does better, 0..1. */
const SURE = 0.8;
/** With a focus on cost a cheaper strategy may succeed this much less often, and has to be cheaper by this share. */
const COST_TOLERANCE = 0.05;
const WORTHWHILE_SAVING = 0.2;
/** One workflow in twenty, and only where what is usual succeeds less often than this. */
const EXPLORED_SHARE = 0.05;
const GOOD_ENOUGH = 0.8;

export function posteriorOf({ samples, successes }: Pick<StrategyHistory, 'samples' | 'successes'>): Posterior {
  const alpha = 1 + successes;
  const beta = 1 + Math.max(0, samples - successes);
  const total = alpha + beta;
  return {
    alpha,
    beta,
    mean: alpha / total,
    deviation: Math.sqrt((alpha * beta) / (total * total * (total + 1))),
  };
}

/** How likely the first does better than the second, 0..1; both taken as normal, which from five samples on is near enough. */
export function chanceOfBetter(first: Posterior, second: Posterior): number {
  const deviation = Math.hypot(first.deviation, second.deviation);
  return normalShare((first.mean - second.mean) / deviation);
}

/**
 * Whether the past of the class speaks against what the rules choose. Only strategies with enough samples are compared, the usual one
 * included. A wish that the request states (a focus on speed or quality, consensus of a council) is not overruled by the past.
 */
export function learnedPreference(input: PreferenceInput): Preference {
  const { usual, settings } = input;
  const none = (reason: string): Preference => ({ kind: 'none', strategy: usual, reason });
  if (settings.requireCouncilConsensus || ['speed', 'quality'].includes(settings.optimizationFocus)) {
    return none('the past is not asked because the request says what matters to it');
  }
  const known = input.histories.filter(({ samples }) => samples >= ENOUGH_SAMPLES);
  const own = known.find(({ strategy }) => strategy === usual);
  if (own === undefined) {
    const samples = input.histories.find(({ strategy }) => strategy === usual)?.samples ?? 0;
    return none(`nothing learned: ${samples} of ${ENOUGH_SAMPLES} workflows of its class ran with ${usual}`);
  }
  return better(own, known) ?? cheaper(own, known, settings) ?? explored(own, input) ?? none(`learned: ${said(own)}`);
}

function better(own: StrategyHistory, known: readonly StrategyHistory[]): Preference | undefined {
  const [best] = known.toSorted(
    (a, b) => posteriorOf(b).mean - posteriorOf(a).mean || a.cost_usd - b.cost_usd || a.samples - b.samples,
  );
  if (best === undefined || best.strategy === own.strategy) return undefined;
  const chance = chanceOfBetter(posteriorOf(best), posteriorOf(own));
  if (chance < SURE) return undefined;
  return {
    kind: 'learned',
    strategy: best.strategy,
    reason: `learned: ${said(best)}, ${said(own)}; it is better with a chance of ${chance.toFixed(2)}`,
  };
}

function cheaper(
  own: StrategyHistory,
  known: readonly StrategyHistory[],
  { optimizationFocus }: PreferenceInput['settings'],
): Preference | undefined {
  if (optimizationFocus !== 'cost') return undefined;
  const least = posteriorOf(own).mean - COST_TOLERANCE;
  const most = own.cost_usd * (1 - WORTHWHILE_SAVING);
  const [cheapest] = known
    .filter((each) => each.cost_usd < most && posteriorOf(each).mean >= least)
    .toSorted((a, b) => a.cost_usd - b.cost_usd);
  if (cheapest === undefined) return undefined;
  return {
    kind: 'learned',
    strategy: cheapest.strategy,
    reason: `the focus is on cost, learned: ${said(cheapest)}, ${said(own)}`,
  };
}

/** The one with the highest upper bound among those that could do the work; never a council, which only who asks for it pays. */
function explored(
  own: StrategyHistory,
  { workflowId, complexity, histories }: PreferenceInput,
): Preference | undefined {
  if (complexity.overall === 'low' || posteriorOf(own).mean >= GOOD_ENOUGH) return undefined;
  if (shareOf(workflowId) >= EXPLORED_SHARE) return undefined;
  const fits = (strategy: StrategyName): boolean =>
    strategy !== own.strategy &&
    strategy !== 'council_driven' &&
    strategy !== (complexity.decomposition_needed ? 'direct_execution' : 'recursive_decomposition');
  const [best] = STRATEGIES.filter(fits)
    .map((strategy) => {
      const { samples = 0, successes = 0 } = histories.find((each) => each.strategy === strategy) ?? {};
      const { mean, deviation } = posteriorOf({ samples, successes });
      return { strategy, samples, bound: mean + deviation };
    })
    .toSorted((a, b) => b.bound - a.bound);
  if (best === undefined || best.bound <= posteriorOf(own).mean) return undefined;
  return {
    kind: 'explored',
    strategy: best.strategy,
    reason:
      `explored: ${said(own)}, which is under ${GOOD_ENOUGH}; one workflow in ${1 / EXPLORED_SHARE} tries another, this one by its id: ` +
      `${best.strategy} may reach ${best.bound.toFixed(2)} (${best.samples} samples)`,
  };
}

const said = (history: StrategyHistory): string =>
  `${history.strategy} succeeds with ${posteriorOf(history).mean.toFixed(2)} in ${history.samples} samples at ${history.cost_usd} USD and ` +
  `${Math.round(history.mean_duration_ms)} ms`;

/** 0..1, spread evenly over ids and always the same for one. */
const shareOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(-8), 16) / 2 ** 32;

/** Of a standard normal distribution, left of z; to four digits (Zelen and Severo). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
