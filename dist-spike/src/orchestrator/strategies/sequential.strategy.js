var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { PlannedStrategy } from './planned.strategy.js';
let SequentialStrategy = class SequentialStrategy extends PlannedStrategy {
    name = 'sequential_decomposition';
    description = 'Ordered subtasks, each of which sees the results it depends on, then a synthesis.';
    async executePlan(run, thoughts) {
        for (const { thoughtId } of thoughts) {
            const outcome = await this.subtasks.run(run, thoughtId);
            if (!outcome.ok && outcome.code === 'BUDGET_EXCEEDED')
                break;
        }
        return this.synthesis.run(run);
    }
};
SequentialStrategy = __decorate([
    Injectable()
], SequentialStrategy);
export { SequentialStrategy };
//# sourceMappingURL=sequential.strategy.js.map