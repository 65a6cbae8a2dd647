import { Inject, Injectable } from '@nestjs/common';
import { StartError } from '../../config/start-error.js';
import { STRATEGIES, type StrategyName } from '../workflows/workflow.values.js';
import type { Strategy } from './strategy.js';

export const STRATEGY_LIST = Symbol('strategies');

const LIST = 'src/orchestrator/orchestrator.module.ts';

/** Every strategy by its name. Throws at start when two share a name or one that can be asked for has nobody to run it. */
@Injectable()
export class StrategyRegistry {
  private readonly byName = new Map<StrategyName, Strategy>();

  constructor(@Inject(STRATEGY_LIST) strategies: readonly Strategy[]) {
    for (const strategy of strategies) {
      if (this.byName.has(strategy.name))
        throw new StartError(
          `Two strategies are named ${strategy.name}: rename one, or take it out of the list in ${LIST}.`,
        );
      this.byName.set(strategy.name, strategy);
    }
    const missing = STRATEGIES.find((name) => !this.byName.has(name));
    if (missing !== undefined) {
      throw new StartError(`No strategy is named ${missing}: add its class to the list in ${LIST}.`);
    }
  }

  get all(): readonly Strategy[] {
    return [...this.byName.values()];
  }

  get(name: StrategyName): Strategy {
    const strategy = this.byName.get(name);
    if (strategy === undefined) throw new Error(`No strategy is named ${name}.`);
    return strategy;
  }
}
