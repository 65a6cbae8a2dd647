import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { invalid } from '../http/problem.js';
import { RuntimeSettings } from '../settings/runtime-settings.js';
import { scopesOf } from './budget/budget.rules.js';
import { cacheBreakpoints } from './caching.rules.js';
import type { CallPlan } from './call-plan.js';
import type { LlmCall } from './llm-call.js';
import { ModelCatalog } from './model-catalog.js';
import { FREE, worstCaseOf } from './pricing.rules.js';
import { LlmProvider } from './providers/provider.js';

const DEFAULT_MAX_TOKENS = 4096;

/** Decides what does not change from attempt to attempt: model, price, worst case, breakpoints, time limits. */
@Injectable()
export class CallPlanner {
  constructor(
    private readonly config: AppConfig,
    private readonly settings: RuntimeSettings,
    private readonly catalog: ModelCatalog,
    private readonly provider: LlmProvider,
  ) {}

  /** @throws Problem UNKNOWN_MODEL, MODEL_UNPRICED, VALIDATION_ERROR */
  plan(call: LlmCall): CallPlan {
    const { model, price: listed, warnings } = this.catalog.resolve(call.model);
    const maxTokens = call.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, model.maxOutputTokens);
    if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > model.maxOutputTokens) {
      throw invalid('max_tokens', `must be an integer from 1 to ${model.maxOutputTokens}, the limit of ${model.id}`);
    }
    const price = this.provider.isFree ? FREE : listed;
    const { tools, mustAnswer, system, sharedContext, prompt, turns, output, reuse = {} } = call;
    const layout = { tools, mustAnswer, system, sharedContext, prompt, turns };
    const cache = cacheBreakpoints(layout, reuse, price[0], model.minCacheTokens);
    const request = { ...layout, model: model.id, maxTokens, output, cache };
    return {
      call,
      provider: this.provider.name,
      request,
      price,
      scopes: scopesOf(call),
      boundUsd: worstCaseOf(price, this.provider.inputTokensBound(request), maxTokens),
      timeoutMs: call.timeoutMs ?? this.settings.llmTimeoutSeconds * 1000,
      queueTimeoutMs: call.queueTimeoutMs ?? this.config.llm.queueTimeoutSeconds * 1000,
      maxAttempts: Math.min(call.maxAttempts ?? Infinity, this.settings.retryAttempts),
      warnings: [...warnings, ...(this.provider.notice === undefined ? [] : [this.provider.notice])],
    };
  }
}
