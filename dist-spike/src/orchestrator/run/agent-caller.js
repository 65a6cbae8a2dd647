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
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { LlmGateway } from '../../llm/gateway.js';
import { TreeWriter } from './tree-writer.js';
/** An agent's model call as one durable step: paid once, its rows and events committed with the settlement. */
let AgentCaller = class AgentCaller {
    durable;
    gateway;
    tree;
    feed;
    constructor(durable, gateway, tree, feed) {
        this.durable = durable;
        this.gateway = gateway;
        this.tree = tree;
        this.feed = feed;
    }
    /** One call that is the agent's whole work: the agent and its thought end with it. */
    async runToEnd(run, call) {
        const outcome = await this.ask(run, call, {
            commit: (tx, answer) => answer.fault === undefined
                ? this.tree.completeAgent(tx, run, call, answer)
                : this.tree.failAgent(tx, run, call, answer.fault, answer),
            result: (answer) => answer.fault === undefined ? { ok: true, interactionId: answer.interactionId } : { ok: false, ...answer.fault },
        });
        return outcome instanceof Problem ? this.fail(run, call, outcome) : outcome;
    }
    /** One call; its answer is handed to `result`, whose JSON is kept as the step's result. A call that got no answer is a `Problem`. */
    async ask(run, call, options) {
        try {
            const result = await this.durable.step(call.purpose, async ({ stepKey, signal, fence }) => {
                const answer = await this.gateway.call({
                    ...(await call.prompt()),
                    purpose: call.purpose,
                    model: run.model,
                    output: options.output,
                    attribution: {
                        principalId: run.principalId,
                        workflowId: run.workflowId,
                        thoughtId: call.thoughtId,
                        agentId: call.agentId,
                    },
                    budget: { workflowId: run.workflowId },
                    stepKey,
                    signal,
                    fence,
                    commit: options.commit,
                });
                return options.result(answer);
            });
            this.feed.announce(run.workflowId);
            return result;
        }
        catch (error) {
            if (error instanceof Problem)
                return error;
            throw error;
        }
    }
    async fail(run, task, problem) {
        const failure = { code: problem.code, message: problem.detail };
        await this.durable.commit(`${task.purpose}:failed`, (tx) => this.tree.failAgent(tx, run, task, failure));
        this.feed.announce(run.workflowId);
        return { ok: false, ...failure };
    }
};
AgentCaller = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Durable,
        LlmGateway,
        TreeWriter,
        EventFeed])
], AgentCaller);
export { AgentCaller };
//# sourceMappingURL=agent-caller.js.map