import type { Complexity } from '../planning/complexity.rules.js';
import type { ExecutionSettings } from '../planning/workflow-input.rules.js';

/** The strategies this release runs. */
export const RUNNABLE_STRATEGIES = ['direct_execution', 'sequential_decomposition', 'parallel_execution'] as const;
export type RunnableStrategy = (typeof RUNNABLE_STRATEGIES)[number];

export interface StrategyChoice {
  readonly strategy: RunnableStrategy;
  readonly reasons: readonly string[];
}

/** The order of domain.md among the strategies that can run; every answer says why. */
export function chooseStrategy(settings: ExecutionSettings, complexity: Complexity): StrategyChoice {
  const explicit = RUNNABLE_STRATEGIES.find((strategy) => strategy === settings.strategy);
  if (explicit !== undefined) return { strategy: explicit, reasons: ['the request asks for it'] };
  if (complexity.decomposition_needed) {
    return {
      strategy: 'parallel_execution',
      reasons: [
        `decomposition is needed: overall ${complexity.overall}, scope ${complexity.scope}, coordination ${complexity.coordination}`,
      ],
    };
  }
  if (settings.optimizationFocus === 'speed')
    return { strategy: 'parallel_execution', reasons: ['the focus is on speed'] };
  if (complexity.overall === 'low') return { strategy: 'direct_execution', reasons: ['overall complexity is low'] };
  return { strategy: 'sequential_decomposition', reasons: [`overall complexity is ${complexity.overall}`] };
}
