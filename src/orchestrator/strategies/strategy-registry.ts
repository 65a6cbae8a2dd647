import { Inject, Injectable } from '@nestjs/common';
import type { Strategy } from './strategy.js';
import { RUNNABLE_STRATEGIES, type RunnableStrategy } from './strategy-choice.rules.js';

export const STRATEGIES = Symbol('strategies');

/** Every strategy by its name. Throws at start when two share a name or one of the choosable has nobody to run it. */
@Injectable()
export class StrategyRegistry {
  private readonly byName = new Map<RunnableStrategy, Strategy>();

  constructor(@Inject(STRATEGIES) strategies: readonly Strategy[]) {
    for (const strategy of strategies) {
      if (this.byName.has(strategy.name)) throw new Error(`Two strategies are named ${strategy.name}.`);
      this.byName.set(strategy.name, strategy);
    }
    for (const name of RUNNABLE_STRATEGIES) this.get(name);
  }

  get all(): readonly Strategy[] {
    return [...this.byName.values()];
  }

  get(name: RunnableStrategy): Strategy {
    const strategy = this.byName.get(name);
    if (strategy === undefined) throw new Error(`No strategy is named ${name}.`);
    return strategy;
  }
}
