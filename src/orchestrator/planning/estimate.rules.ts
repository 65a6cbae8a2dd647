import { MAX_ROUNDS } from '../run/progress.rules.js';
import type { StrategyName } from '../workflows/workflow.values.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

/** From here on the past says more than the bounds. */
export const ENOUGH_SAMPLES = 5;
/** What a task agent has for itself: docs/workflows.md, "Agents". */
const AGENT_TIMEOUT_MS = 300_000;
const COUNCIL_MEMBERS = 3;
const COUNCIL_ROUNDS = 3;

/** What a workflow takes. `cost_usd` in USD, null: no bound is known; `duration_ms` from its start to its end, null: it never started. */
export interface Effort {
  readonly llm_calls: number;
  readonly agents: number;
  readonly cost_usd: number | null;
  readonly duration_ms: number | null;
}

export interface Estimate extends Effort {
  /** By how much the time of workflows of the class varies: half of what the middle 68 % differ by. Null where that is not known. */
  readonly duration_error_ms: number | null;
  /** For how long it may work. */
  readonly time_limit_ms: number;
  readonly basis: {
    /** `history`: what workflows of the class took. `bounds`: the most that its plan may take. */
    readonly kind: 'history' | 'bounds';
    /** Of the class, that were looked at. */
    readonly samples: number;
    readonly input_type: string;
    readonly complexity: string;
    readonly strategy: StrategyName;
  };
}

/** As rows have it: those of before these members were kept do not have them. */
export type StoredEstimate = Omit<Estimate, 'duration_error_ms' | 'time_limit_ms'> &
  Partial<Pick<Estimate, 'duration_error_ms' | 'time_limit_ms'>>;

/** What is left of an estimate when its workflow has ended. */
export interface CheckedEstimate extends Estimate {
  readonly actual: Effort;
  /** (actual − estimated) / estimated; null where there is nothing to compare. */
  readonly error: Readonly<Record<keyof Effort, number | null>>;
}

interface Planned {
  readonly inputType: string;
  readonly complexity: string;
  readonly strategy: StrategyName;
  readonly settings: Pick<ExecutionSettings, 'maxSubtasks' | 'maxExecutionTimeMinutes'>;
  readonly maxCostUsd: string | undefined;
  /** Of newest workflows of the class: means of calls, agents and cost, median of the time. */
  readonly history: (Effort & { readonly samples: number; readonly duration_error_ms: number }) | undefined;
}

export function estimateOf({ inputType, complexity, strategy, settings, maxCostUsd, history }: Planned): Estimate {
  const timeLimitMs = settings.maxExecutionTimeMinutes * 60_000;
  const basis = { samples: history?.samples ?? 0, input_type: inputType, complexity, strategy };
  if (history !== undefined && history.samples >= ENOUGH_SAMPLES) {
    const { llm_calls, agents, cost_usd, duration_ms, duration_error_ms } = history;
    return {
      llm_calls,
      agents,
      cost_usd,
      duration_ms,
      duration_error_ms,
      time_limit_ms: timeLimitMs,
      basis: { kind: 'history', ...basis },
    };
  }
  const calls = mostCalls(strategy, settings.maxSubtasks);
  return {
    llm_calls: calls,
    agents: calls,
    cost_usd: maxCostUsd === undefined ? null : Number(maxCostUsd),
    duration_ms: Math.min(calls * AGENT_TIMEOUT_MS, timeLimitMs),
    duration_error_ms: null,
    time_limit_ms: timeLimitMs,
    basis: { kind: 'bounds', ...basis },
  };
}

/** Agents of a plan, each asked once: turns with tools are on top. A strategy that a team brought is taken for one that follows a plan. */
function mostCalls(strategy: StrategyName, maxSubtasks: number): number {
  const plan = maxSubtasks + 2;
  switch (strategy) {
    case 'direct_execution':
      return 1;
    case 'recursive_decomposition':
      // The top's plan, and each of its subtasks planned once more.
      return 2 + maxSubtasks * plan;
    case 'council_driven':
      return COUNCIL_MEMBERS * COUNCIL_ROUNDS + plan + 1;
    case 'iterative_refinement':
      return 2 * MAX_ROUNDS;
    default:
      return plan;
  }
}

export const checkedEstimate = (estimate: Estimate, actual: Effort): CheckedEstimate => ({
  ...estimate,
  actual,
  error: {
    llm_calls: relativeError(estimate.llm_calls, actual.llm_calls),
    agents: relativeError(estimate.agents, actual.agents),
    cost_usd: relativeError(estimate.cost_usd, actual.cost_usd),
    duration_ms: relativeError(estimate.duration_ms, actual.duration_ms),
  },
});

const relativeError = (estimated: number | null, actual: number | null): number | null =>
  estimated === null || actual === null || estimated <= 0 ? null : Math.round((actual / estimated - 1) * 1e6) / 1e6;
