var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { PlannedStrategy } from './planned.strategy.js';
const BRANCH = 'subtask-branch';
let ParallelStrategy = class ParallelStrategy extends PlannedStrategy {
    name = 'parallel_execution';
    description = 'Independent subtasks at once, dependent ones after what they need, then a synthesis.';
    onModuleInit() {
        this.durable.register(BRANCH, async ({ run, thoughtId }) => {
            await this.subtasks.run(run, thoughtId);
        });
    }
    /** Each subtask is a durable child; which starts next is decided only by the recorded order in which they end. */
    async executePlan(run, thoughts) {
        const waiting = new Map(thoughts.map((thought) => [thought.thoughtId, thought]));
        const running = new Map();
        const ended = new Set();
        while (waiting.size > 0 || running.size > 0) {
            const free = run.maxConcurrentAgents - running.size;
            const ready = [...waiting.values()]
                .filter(({ dependencies }) => dependencies.every((id) => ended.has(id)))
                .slice(0, free);
            for (const { thoughtId } of ready) {
                waiting.delete(thoughtId);
                running.set(derivedId(run.workflowId, 'branch', thoughtId), thoughtId);
            }
            await this.durable.startChildren(BRANCH, ready.map(({ thoughtId }) => ({
                id: derivedId(run.workflowId, 'branch', thoughtId),
                input: { workflowId: run.workflowId, thoughtId, run },
            })));
            const branch = await this.durable.waitFirst([...running.keys()]);
            ended.add(running.get(branch) ?? '');
            running.delete(branch);
        }
        return this.synthesis.run(run);
    }
};
ParallelStrategy = __decorate([
    Injectable()
], ParallelStrategy);
export { ParallelStrategy };
//# sourceMappingURL=parallel.strategy.js.map