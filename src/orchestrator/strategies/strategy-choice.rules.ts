import type { Complexity } from '../planning/complexity.rules.js';
import type { ExecutionSettings } from '../planning/execution-settings.rules.js';
import type { StrategyName } from '../workflows/workflow.values.js';

export interface StrategyChoice {
  readonly strategy: StrategyName;
  readonly reasons: readonly string[];
}

/** The order of domain.md among the strategies that can run; every answer says why. */
export function chooseStrategy(settings: ExecutionSettings, complexity: Complexity): StrategyChoice {
  if (settings.strategy !== undefined) return { strategy: settings.strategy, reasons: ['the request asks for it'] };
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
