import { Inject, Injectable } from '@nestjs/common';
import { STRATEGIES as NAMES, type StrategyName } from '../workflows/workflow.values.js';
import type { Strategy } from './strategy.js';

export const STRATEGIES = Symbol('strategies');

/** Every strategy by its name. Throws at start when two share a name or one that can be asked for has nobody to run it. */
@Injectable()
export class StrategyRegistry {
  private readonly byName = new Map<StrategyName, Strategy>();

  constructor(@Inject(STRATEGIES) strategies: readonly Strategy[]) {
    for (const strategy of strategies) {
      if (this.byName.has(strategy.name)) throw new Error(`Two strategies are named ${strategy.name}.`);
      this.byName.set(strategy.name, strategy);
    }
    for (const name of NAMES) this.get(name);
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
