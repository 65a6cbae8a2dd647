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
import { Durable } from '../../durable/durable.service.js';
import { subtaskPrompt } from '../planning/prompts.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
/** The one way every strategy runs a subtask of its plan. */
let Subtasks = class Subtasks {
    durable;
    caller;
    tree;
    reader;
    constructor(durable, caller, tree, reader) {
        this.durable = durable;
        this.caller = caller;
        this.tree = tree;
        this.reader = reader;
    }
    /** Runs a subtask whose dependencies have ended; skips it when one of them has no result. `run` may be of another process. */
    async run(run, thoughtId) {
        const task = { agentId: derivedId(thoughtId, 'agent'), thoughtId, purpose: 'subtask' };
        const unmet = await this.durable.commit('subtask:start', async (tx) => {
            const [row] = await tx.query(`SELECT metadata->>'kind' AS kind,
                ARRAY(SELECT d.goal FROM thought_trees d
                       WHERE d.id IN (SELECT e::uuid FROM jsonb_array_elements_text(t.metadata->'dependencies') e)
                         AND d.status <> 'completed' ORDER BY d.position) AS unmet
           FROM thought_trees t WHERE t.id = $1`, [thoughtId]);
            if (row === undefined)
                throw new Error(`Thought ${thoughtId} has no row.`);
            if (row.unmet.length > 0) {
                await this.tree.skipThought(tx, run, thoughtId, `no result of: ${row.unmet.join(', ')}`);
                return row.unmet;
            }
            await this.tree.startThought(tx, run, thoughtId);
            await this.tree.spawnAgent(tx, run, task, row.kind);
            return [];
        });
        if (unmet.length > 0)
            return { ok: false, code: 'DEPENDENCY_FAILED', message: `No result of: ${unmet.join(', ')}.` };
        return this.caller.runToEnd(run, {
            ...task,
            prompt: async () => subtaskPrompt(await this.reader.brief(run.workflowId), await this.reader.subtask(thoughtId), await this.reader.resultsBefore(thoughtId)),
        });
    }
};
Subtasks = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Durable,
        AgentCaller,
        TreeWriter,
        RunReader])
], Subtasks);
export { Subtasks };
//# sourceMappingURL=subtasks.js.map