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
import { derivedId } from '../../database/ids.js';
import { directPrompt } from '../planning/prompts.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { Strategy } from './strategy.js';
/** The one agent of a direct workflow, which is spawned with its start. */
export const directAgent = (workflowId) => ({
    agentId: derivedId(workflowId, 'direct'),
    thoughtId: workflowId,
    purpose: 'direct',
});
let DirectStrategy = class DirectStrategy extends Strategy {
    caller;
    reader;
    name = 'direct_execution';
    description = 'One task agent does the whole task.';
    constructor(caller, reader) {
        super();
        this.caller = caller;
        this.reader = reader;
    }
    async execute(run) {
        const outcome = await this.caller.runToEnd(run, {
            ...directAgent(run.workflowId),
            prompt: async () => directPrompt(await this.reader.brief(run.workflowId), 'structured_execution'),
        });
        return outcome.ok
            ? { contentFrom: outcome.interactionId, failure: undefined, warnings: [] }
            : { contentFrom: undefined, failure: outcome, warnings: [] };
    }
};
DirectStrategy = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AgentCaller,
        RunReader])
], DirectStrategy);
export { DirectStrategy };
//# sourceMappingURL=direct.strategy.js.map