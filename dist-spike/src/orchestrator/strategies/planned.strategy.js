var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { Durable } from '../../durable/durable.service.js';
import { Planner } from '../planning/planner.js';
import { TreeWriter } from '../run/tree-writer.js';
import { directAgent, DirectStrategy } from './direct.strategy.js';
import { Strategy } from './strategy.js';
import { Subtasks } from './subtasks.js';
import { Synthesis } from './synthesis.js';
/** What strategies share that run a plan: no usable plan means direct execution, and the workflow says so. */
let PlannedStrategy = class PlannedStrategy extends Strategy {
    planner;
    direct;
    tree;
    durable;
    subtasks;
    synthesis;
    constructor(planner, direct, tree, durable, subtasks, synthesis) {
        super();
        this.planner = planner;
        this.direct = direct;
        this.tree = tree;
        this.durable = durable;
        this.subtasks = subtasks;
        this.synthesis = synthesis;
    }
    async execute(run) {
        const planning = await this.planner.plan(run);
        if (planning.kind === 'planned')
            return this.executePlan(run, planning.thoughts);
        if (planning.kind === 'failed')
            return { contentFrom: undefined, failure: planning, warnings: [] };
        await this.durable.commit('fall-back', (tx) => this.tree.spawnAgent(tx, run, directAgent(run.workflowId), 'structured_execution'));
        const outcome = await this.direct.execute(run);
        return { ...outcome, warnings: [...outcome.warnings, `Executed directly: ${planning.reason}`] };
    }
};
PlannedStrategy = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Planner,
        DirectStrategy,
        TreeWriter,
        Durable,
        Subtasks,
        Synthesis])
], PlannedStrategy);
export { PlannedStrategy };
//# sourceMappingURL=planned.strategy.js.map