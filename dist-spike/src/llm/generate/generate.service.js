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
import { invalid } from '../../http/problem.js';
import { LlmGateway } from '../gateway.js';
const TEMPERATURE_WARNING = 'temperature was not sent on: the models refuse it.';
/** A single model call for a person or a program, covered by the system's day only. */
let GenerateService = class GenerateService {
    gateway;
    database;
    constructor(gateway, database) {
        this.gateway = gateway;
        this.database = database;
    }
    /** @throws what `LlmGateway.call` throws; Problem VALIDATION_ERROR */
    async generate(request, caller) {
        const { system, prompt } = promptsOf(request);
        if (request.stream === true)
            throw invalid('stream', 'streaming is not available yet; leave it out or send false');
        const attribution = await this.attributionOf(request);
        const answer = await this.gateway.call({
            purpose: 'generate',
            system,
            prompt,
            model: request.model ?? undefined,
            maxTokens: request.max_tokens ?? undefined,
            cacheSystem: request.use_native_caching ?? true,
            attribution: { principalId: caller.id, ...attribution },
            budget: {},
        });
        return responseOf(answer, typeof request.temperature === 'number' ? [TEMPERATURE_WARNING] : []);
    }
    async attributionOf({ thought_tree_id: thoughtId, agent_id: agentId, session_id: sessionId, }) {
        if (thoughtId || agentId)
            await this.checkExistence(thoughtId ?? null, agentId ?? null);
        return { thoughtId: thoughtId ?? undefined, agentId: agentId ?? undefined, sessionId: sessionId ?? undefined };
    }
    async checkExistence(thoughtId, agentId) {
        const [found] = await this.database.query(`SELECT (SELECT id FROM thought_trees WHERE id = $1) AS thought, (SELECT thought_tree_id FROM agents WHERE id = $2) AS home`, [thoughtId, agentId]);
        if (thoughtId && !found?.thought)
            throw invalid('thought_tree_id', 'no such thought');
        if (agentId && !found?.home)
            throw invalid('agent_id', 'no such agent');
        if (thoughtId && agentId && found?.home !== found?.thought)
            throw invalid('agent_id', 'is not an agent of that thought');
    }
};
GenerateService = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [LlmGateway,
        Database])
], GenerateService);
export { GenerateService };
function promptsOf({ system_prompt, user_prompt }) {
    const isGiven = (text) => typeof text === 'string' && text.trim() !== '';
    if (isGiven(user_prompt))
        return { prompt: user_prompt, ...(isGiven(system_prompt) && { system: system_prompt }) };
    if (isGiven(system_prompt))
        return { prompt: system_prompt };
    throw invalid('user_prompt', 'give user_prompt or system_prompt, and not an empty one');
}
function responseOf(answer, warnings) {
    const { usage, fault } = answer;
    return {
        content: answer.text,
        success: fault === undefined,
        cached: answer.cached,
        model: answer.model,
        provider: answer.provider,
        stop_reason: answer.stopReason,
        interaction_id: answer.interactionId,
        latency_ms: answer.latencyMs,
        warnings: [...answer.warnings, ...warnings, ...(fault === undefined ? [] : [fault.message])],
        usage: {
            input_tokens: usage.inputTokens,
            output_tokens: usage.outputTokens,
            cache_creation_input_tokens: usage.cacheCreationInputTokens,
            cache_read_input_tokens: usage.cacheReadInputTokens,
            total_cost_usd: answer.costUsd.toNumber(),
            cost_without_cache_usd: answer.costWithoutCacheUsd.toNumber(),
        },
    };
}
//# sourceMappingURL=generate.service.js.map