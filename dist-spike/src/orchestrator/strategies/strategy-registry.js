var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
import { Inject, Injectable } from '@nestjs/common';
import { RUNNABLE_STRATEGIES } from './strategy-choice.rules.js';
export const STRATEGIES = Symbol('strategies');
/** Every strategy by its name. Throws at start when two share a name or one of the choosable has nobody to run it. */
let StrategyRegistry = class StrategyRegistry {
    byName = new Map();
    constructor(strategies) {
        for (const strategy of strategies) {
            if (this.byName.has(strategy.name))
                throw new Error(`Two strategies are named ${strategy.name}.`);
            this.byName.set(strategy.name, strategy);
        }
        for (const name of RUNNABLE_STRATEGIES)
            this.get(name);
    }
    get all() {
        return [...this.byName.values()];
    }
    get(name) {
        const strategy = this.byName.get(name);
        if (strategy === undefined)
            throw new Error(`No strategy is named ${name}.`);
        return strategy;
    }
};
StrategyRegistry = __decorate([
    Injectable(),
    __param(0, Inject(STRATEGIES)),
    __metadata("design:paramtypes", [Array])
], StrategyRegistry);
export { StrategyRegistry };
//# sourceMappingURL=strategy-registry.js.map