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
import { Ajv } from 'ajv';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
import { inOrder, PLAN_SCHEMA, planErrors } from './plan.rules.js';
import { PLAN_OUTPUT, planningPrompt, repairPrompt } from './prompts.js';
/** A plan that could not be used is asked for again this often. */
const MAX_REPAIRS = 2;
/** Has a model break the workflow into subtasks, checks its plan, and writes it into the tree. */
let Planner = class Planner {
    caller;
    durable;
    tree;
    reader;
    feed;
    fitsSchema = new Ajv({ allErrors: true }).compile(PLAN_SCHEMA);
    constructor(caller, durable, tree, reader, feed) {
        this.caller = caller;
        this.durable = durable;
        this.tree = tree;
        this.reader = reader;
        this.feed = feed;
    }
    async plan(run) {
        const agentId = derivedId(run.workflowId, 'planner');
        const agent = { agentId, thoughtId: run.workflowId, purpose: 'plan' };
        await this.durable.commit('plan:start', (tx) => this.tree.spawnAgent(tx, run, agent, 'task_decomposition'));
        let errors = [];
        for (let attempt = 0; attempt <= MAX_REPAIRS; attempt += 1) {
            const purpose = attempt === 0 ? 'plan' : `plan:repair-${attempt}`;
            const draft = await this.draft(run, { ...agent, purpose, prompt: this.promptFor(run, errors) });
            if (draft instanceof Problem) {
                await this.caller.fail(run, agent, draft);
                return { kind: 'failed', code: draft.code, message: draft.detail };
            }
            if (draft.errors.length === 0)
                return { kind: 'planned', thoughts: await this.write(run, draft) };
            errors = draft.errors;
        }
        const reason = `no usable plan in ${MAX_REPAIRS + 1} attempts: ${errors.join('; ')}`;
        await this.durable.commit('plan:unusable', (tx) => this.tree.failAgent(tx, run, agent, { code: 'PLAN_UNUSABLE', message: reason }));
        return { kind: 'unusable', reason };
    }
    promptFor(run, errors) {
        return async () => {
            const planning = planningPrompt(await this.reader.brief(run.workflowId), run.maxSubtasks);
            return errors.length === 0 ? planning : repairPrompt(planning, errors);
        };
    }
    draft(run, call) {
        const errorsOf = (answer) => this.errorsOf(answer, run.maxSubtasks);
        return this.caller.ask(run, call, {
            output: PLAN_OUTPUT,
            commit: (tx, answer) => errorsOf(answer).length === 0
                ? this.tree.completeAgent(tx, run, call, answer)
                : this.tree.recordAnswer(tx, run, call, answer),
            result: (answer) => ({ interactionId: answer.interactionId, errors: errorsOf(answer) }),
        });
    }
    errorsOf(answer, maxSubtasks) {
        if (answer.fault !== undefined)
            return [answer.fault.message];
        if (this.fitsSchema(answer.json))
            return planErrors(answer.json.subtasks, maxSubtasks);
        return (this.fitsSchema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`.trim());
    }
    async write(run, draft) {
        const thoughts = await this.durable.commit('plan:write', async (tx) => {
            const [row] = await tx.query(`SELECT response AS plan FROM llm_interactions WHERE id = $1`, [
                draft.interactionId,
            ]);
            if (row === undefined)
                throw new Error(`The plan ${draft.interactionId} has no row.`);
            const planned = thoughtsOf(run.workflowId, row.plan);
            await this.tree.planThoughts(tx, run, planned);
            return planned.map(({ id, dependencies }) => ({ thoughtId: id, dependencies }));
        });
        this.feed.announce(run.workflowId);
        return thoughts;
    }
};
Planner = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AgentCaller,
        Durable,
        TreeWriter,
        RunReader,
        EventFeed])
], Planner);
export { Planner };
function thoughtsOf(workflowId, plan) {
    const thoughtId = (planId) => derivedId(workflowId, 'subtask', planId);
    return inOrder(plan.subtasks).map((subtask) => ({
        id: thoughtId(subtask.id),
        dependencies: [...new Set(subtask.dependencies)].map(thoughtId),
        subtask,
    }));
}
//# sourceMappingURL=planner.js.map