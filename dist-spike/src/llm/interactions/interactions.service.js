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
import { decodeCursor, exactTime, pageOf } from '../../http/cursor.js';
import { notFound } from '../../http/problem.js';
const PLAIN = `id, workflow_id, thought_tree_id, agent_id, session_id, principal_id, purpose, provider, model, status, success,
  stop_reason, request_timestamp, response_timestamp, token_count_input, token_count_output, cached_token_count,
  cache_creation_input_tokens, cache_read_input_tokens, latency_ms, cost_usd, cost_without_cache_usd, uses_prompt_caching,
  cache_ttl_seconds, cache_hit, error_code, error_message, retry_count, confidence, provider_request_id,
  ${exactTime('request_timestamp')} AS at`;
const EXCERPTS = `left(system_prompt, 1000) AS system_prompt, left(prompt_text, 1000) AS prompt_text,
  left(response_text, 1000) AS response_text`;
/** Reads of the interaction rows for the API. */
let Interactions = class Interactions {
    database;
    constructor(database) {
        this.database = database;
    }
    async list(query) {
        const { conditions, values } = conditionsOf(query);
        const rows = await this.database.query(`SELECT ${PLAIN}, ${EXCERPTS} FROM llm_interactions
       ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY request_timestamp DESC, id DESC LIMIT $${values.length + 1}`, [...values, query.limit + 1]);
        return pageOf(rows, query.limit, viewOf);
    }
    /** @throws Problem NOT_FOUND */
    async get(id) {
        const [row] = await this.database.query(`SELECT ${PLAIN}, system_prompt, prompt_text, response_text, response FROM llm_interactions WHERE id = $1`, [id]);
        if (row === undefined)
            throw notFound('The interaction');
        return { ...viewOf(row), response: row.response };
    }
};
Interactions = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], Interactions);
export { Interactions };
function conditionsOf(query) {
    const values = [];
    const conditions = [];
    for (const column of ['workflow_id', 'thought_tree_id', 'agent_id', 'model', 'success']) {
        const wanted = query[column];
        if (wanted === undefined)
            continue;
        conditions.push(column === 'success' ? (wanted === true ? 'success' : 'NOT success') : `${column} = $${values.push(wanted)}`);
    }
    if (query.cursor !== undefined) {
        const { at, id } = decodeCursor(query.cursor);
        conditions.push(`(request_timestamp, id) < ($${values.push(at)}::timestamptz, $${values.push(id)}::uuid)`);
    }
    return { conditions, values };
}
function viewOf(row) {
    return {
        ...shownOf(row),
        cost_usd: row.cost_usd === null ? null : Number(row.cost_usd),
        cost_without_cache_usd: row.cost_without_cache_usd === null ? null : Number(row.cost_without_cache_usd),
        request_timestamp: row.request_timestamp.toISOString(),
        response_timestamp: row.response_timestamp?.toISOString() ?? null,
    };
}
//# sourceMappingURL=interactions.service.js.map