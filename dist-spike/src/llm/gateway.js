var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var LlmGateway_1;
import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../config/app-config.js';
import { invalid } from '../http/problem.js';
import { judge } from './answer.rules.js';
import { SYSTEM_DAY, workflowScope } from './budget/budget.rules.js';
import { CallReservations } from './call-reservations.js';
import { CallSettlement } from './call-settlement.js';
import { pause, withDeadline } from './deadline.js';
import { LlmAborted } from './llm-call.js';
import { ModelCatalog } from './model-catalog.js';
import { costOf, costWithoutCacheOf, FREE, worstCaseOf } from './pricing.rules.js';
import { upstreamProblem } from './problems.js';
import { LlmProvider, ProviderFailure } from './providers/provider.js';
import { pauseBeforeRetryMs } from './retry.rules.js';
export const DEFAULT_MAX_TOKENS = 4096;
/** The one way to a model: every attempt is reserved for and has its row before it is sent, and is settled after. */
let LlmGateway = LlmGateway_1 = class LlmGateway {
    config;
    catalog;
    provider;
    reservations;
    settlement;
    logger = new Logger(LlmGateway_1.name);
    constructor(config, catalog, provider, reservations, settlement) {
        this.config = config;
        this.catalog = catalog;
        this.provider = provider;
        this.reservations = reservations;
        this.settlement = settlement;
    }
    /**
     * @throws Problem BUDGET_EXCEEDED, LLM_UPSTREAM, LLM_UNAVAILABLE, UNKNOWN_MODEL, MODEL_UNPRICED, VALIDATION_ERROR;
     * LlmAborted when the signal aborted; whatever the fence or `commit` throws
     */
    async call(call) {
        const plan = this.plan(call);
        const known = [];
        for (let retryCount = 0;; retryCount += 1) {
            throwIfAborted(call.signal);
            const reserved = await this.reservations.open(plan, known, retryCount);
            if ('settled' in reserved)
                return fromRow(reserved.settled, plan);
            known.push(reserved.interactionId);
            const startedAt = performance.now();
            const outcome = await this.send(plan);
            const latencyMs = Math.round(performance.now() - startedAt);
            if (!(outcome instanceof ProviderFailure)) {
                const answer = fromProvider(outcome, plan, { interactionId: reserved.interactionId, latencyMs, retryCount });
                await this.settlement.settle(plan, answer, outcome.requestId);
                return answer;
            }
            await this.endAttempt(call, reserved.interactionId, outcome, latencyMs, retryCount + 1);
        }
    }
    /** Puts in doubt what an executor that is gone had reserved and not settled. May be repeated. @returns how many calls */
    recoverReservations(executorId) {
        return this.reservations.recover(executorId);
    }
    plan(call) {
        const { model, price: listed, warnings } = this.catalog.resolve(call.model ?? this.config.llm.defaultModel);
        const maxTokens = call.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, model.maxOutputTokens);
        if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > model.maxOutputTokens) {
            throw invalid('max_tokens', `must be an integer from 1 to ${model.maxOutputTokens}, the limit of ${model.id}`);
        }
        const { system, prompt, output, cacheSystem = false } = call;
        const request = {
            model: model.id,
            maxTokens,
            system,
            prompt,
            output,
            cacheSystem: cacheSystem && system !== undefined,
        };
        const price = this.provider.isFree ? FREE : listed;
        const workflows = call.budget.workflowId === undefined ? [] : [workflowScope(call.budget.workflowId)];
        return {
            call,
            provider: this.provider.name,
            request,
            price,
            scopes: [...workflows, SYSTEM_DAY],
            boundUsd: worstCaseOf(price, this.provider.inputTokensBound(request), maxTokens),
            timeoutMs: call.timeoutMs ?? this.config.llm.timeoutSeconds * 1000,
            warnings: [...warnings, ...(this.provider.notice === undefined ? [] : [this.provider.notice])],
        };
    }
    async send({ call, request, timeoutMs }) {
        if (isAborted(call.signal))
            return new ProviderFailure('The call was aborted before it was sent.', 'nothing');
        const deadline = withDeadline(call.signal, timeoutMs);
        try {
            return await this.provider.generate(request, deadline.signal);
        }
        catch (error) {
            const failure = error instanceof ProviderFailure ? error : unexpected(error);
            if (failure.status !== undefined || failure.charge === 'nothing')
                return failure;
            if (isAborted(call.signal))
                return new ProviderFailure('The call was aborted.', 'unknown', { cause: error });
            if (!deadline.isOver())
                return failure;
            return new ProviderFailure(`The model provider did not answer within ${timeoutMs} ms.`, 'unknown', {
                cause: error,
            });
        }
        finally {
            deadline.dispose();
        }
    }
    /** Closes a failed attempt; returns when another one is due, throws what the caller gets otherwise. */
    async endAttempt({ signal, purpose }, interactionId, failure, latencyMs, attempts) {
        const problem = upstreamProblem(failure, interactionId, attempts, Date.now());
        await this.settlement.fail(interactionId, failure, isAborted(signal) ? 'ABORTED' : problem.code, latencyMs);
        throwIfAborted(signal);
        const pauseMs = pauseBeforeRetryMs(failure, attempts, Math.random(), Date.now());
        const next = pauseMs === undefined ? 'given up' : `tried again in ${Math.round(pauseMs)} ms`;
        this.logger.warn(`Attempt ${attempts} of ${purpose} (${interactionId}) failed, ${next}: ${failure.message}`);
        if (pauseMs === undefined)
            throw problem;
        await pause(pauseMs, signal).catch(() => throwIfAborted(signal));
    }
};
LlmGateway = LlmGateway_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AppConfig,
        ModelCatalog,
        LlmProvider,
        CallReservations,
        CallSettlement])
], LlmGateway);
export { LlmGateway };
const isAborted = (signal) => signal?.aborted === true;
function throwIfAborted(signal) {
    if (isAborted(signal))
        throw new LlmAborted(signal?.reason);
}
const unexpected = (error) => new ProviderFailure('The call to the model provider failed.', 'unknown', { cause: error });
function fromProvider(given, { price, request, provider, warnings }, facts) {
    const { usage, stopReason } = given;
    return {
        ...judge(given.text, stopReason, request.output !== undefined, given.refusal),
        ...facts,
        model: request.model,
        provider,
        stopReason,
        usage: {
            inputTokens: usage.inputTokens,
            outputTokens: usage.outputTokens,
            cacheCreationInputTokens: usage.cacheCreation5mTokens + usage.cacheCreation1hTokens,
            cacheReadInputTokens: usage.cacheReadTokens,
        },
        costUsd: costOf(price, usage),
        costWithoutCacheUsd: costWithoutCacheOf(price, usage),
        cached: usage.cacheReadTokens > 0,
        warnings,
    };
}
/** The answer of an attempt that was settled before, perhaps by another process. */
function fromRow(row, { request, warnings }) {
    const [created, read] = [row.cache_creation_input_tokens ?? 0, row.cache_read_input_tokens ?? 0];
    const isFaulty = row.error_code !== null;
    return {
        interactionId: row.id,
        text: row.response_text ?? '',
        json: isFaulty || request.output === undefined ? undefined : row.response,
        fault: isFaulty ? { code: row.error_code, message: row.error_message ?? '' } : undefined,
        model: row.model,
        provider: row.provider,
        stopReason: row.stop_reason ?? '',
        usage: {
            inputTokens: (row.token_count_input ?? 0) - created - read,
            outputTokens: row.token_count_output ?? 0,
            cacheCreationInputTokens: created,
            cacheReadInputTokens: read,
        },
        costUsd: new Decimal(row.cost_usd ?? 0),
        costWithoutCacheUsd: new Decimal(row.cost_without_cache_usd ?? 0),
        latencyMs: row.latency_ms ?? 0,
        cached: row.cache_hit,
        warnings,
        retryCount: row.retry_count,
    };
}
//# sourceMappingURL=gateway.js.map