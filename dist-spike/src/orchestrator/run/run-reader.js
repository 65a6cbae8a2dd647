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
import { Database } from '../../database/database.service.js';
import { briefText } from '../planning/prompts.js';
import { InputErrors, readBrief } from '../planning/workflow-input.rules.js';
/** What the prompts of a running workflow are made of. Reads rows, so it is for the inside of steps only. */
let RunReader = class RunReader {
    database;
    constructor(database) {
        this.database = database;
    }
    async brief(workflowId) {
        const [row] = await this.database.query(`SELECT input_type, content, jsonb_strip_nulls(jsonb_build_object(
                'domain', nullif(domain_context, '{}'), 'user', nullif(user_context, '{}'),
                'historical', nullif(historical_context, '{}'))) AS contexts
         FROM workflows WHERE id = $1`, [workflowId]);
        if (row === undefined)
            throw new Error(`Workflow ${workflowId} has no row.`);
        return briefText(readBrief(row.input_type, row.content, new InputErrors()), row.contexts);
    }
    async subtask(thoughtId) {
        const [row] = await this.database.query(`SELECT goal AS title, metadata->>'instructions' AS instructions, metadata->>'kind' AS kind FROM thought_trees WHERE id = $1`, [thoughtId]);
        if (row === undefined)
            throw new Error(`Thought ${thoughtId} has no row.`);
        return row;
    }
    /** Results of the subtasks this one depends on, in the plan's order. */
    async resultsBefore(thoughtId) {
        return this.database.query(`SELECT t.goal AS title, i.response_text AS content
         FROM thought_trees me
         JOIN thought_trees t ON t.id IN (SELECT d::uuid FROM jsonb_array_elements_text(me.metadata->'dependencies') d)
         ${RESULT_JOINS}
        WHERE me.id = $1 ORDER BY t.position`, [thoughtId]);
    }
    async results(workflowId) {
        const rows = await this.database.query(`SELECT t.goal AS title, i.response_text AS content FROM thought_trees t LEFT ${RESULT_JOINS}
        WHERE t.parent_id = $1 ORDER BY t.position`, [workflowId]);
        return {
            results: rows.flatMap(({ title, content }) => (content === null ? [] : [{ title, content }])),
            missing: rows.flatMap(({ title, content }) => (content === null ? [title] : [])),
        };
    }
};
RunReader = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], RunReader);
export { RunReader };
const RESULT_JOINS = `JOIN (agents a JOIN llm_interactions i ON i.id = (a.state#>>'{result,interaction_id}')::uuid)
                        ON a.thought_tree_id = t.id AND a.status = 'completed'`;
//# sourceMappingURL=run-reader.js.map