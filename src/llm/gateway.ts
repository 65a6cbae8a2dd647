import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AppConfig } from '../config/app-config.js';
import { invalid } from '../http/problem.js';
import { judge } from './answer.rules.js';
import { cacheBreakpoints } from './caching.rules.js';
import { scopesOf } from './budget/budget.rules.js';
import type { CallPlan } from './call-plan.js';
import { CallReservations } from './call-reservations.js';
import { CallSettlement } from './call-settlement.js';
import { pause, withDeadline } from './deadline.js';
import type { EarlierAttempt } from './interactions/interaction-log.js';
import { LlmAborted, type AnswerFault, type LlmAnswer, type LlmCall } from './llm-call.js';
import { ModelCatalog } from './model-catalog.js';
import { costOf, costWithoutCacheOf, FREE, worstCaseOf } from './pricing.rules.js';
import { upstreamProblem } from './problems.js';
import { LlmProvider, ProviderFailure, type ProviderAnswer } from './providers/provider.js';
import { pauseBeforeRetryMs } from './retry.rules.js';

const DEFAULT_MAX_TOKENS = 4096;

/** The one way to a model: every attempt is reserved for and has its row before it is sent, and is settled after. */
@Injectable()
export class LlmGateway {
  private readonly logger = new Logger(LlmGateway.name);

  constructor(
    private readonly config: AppConfig,
    private readonly catalog: ModelCatalog,
    private readonly provider: LlmProvider,
    private readonly reservations: CallReservations,
    private readonly settlement: CallSettlement,
  ) {}

  /**
   * @throws Problem BUDGET_EXCEEDED, LLM_UPSTREAM, LLM_UNAVAILABLE, UNKNOWN_MODEL, MODEL_UNPRICED, VALIDATION_ERROR;
   * LlmAborted when the signal aborted; whatever the fence or `commit` throws
   */
  async call(call: LlmCall): Promise<LlmAnswer> {
    const plan = this.plan(call);
    const known: string[] = [];
    for (let retryCount = 0; ; retryCount += 1) {
      throwIfAborted(call.signal);
      const reserved = await this.reservations.open(plan, known, retryCount);
      if ('settled' in reserved) return fromRow(reserved.settled, plan);
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
  recoverReservations(executorId: string): Promise<number> {
    return this.reservations.recover(executorId);
  }

  private plan(call: LlmCall): CallPlan {
    const { model, price: listed, warnings } = this.catalog.resolve(call.model ?? this.config.llm.defaultModel);
    const maxTokens = call.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, model.maxOutputTokens);
    if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > model.maxOutputTokens) {
      throw invalid('max_tokens', `must be an integer from 1 to ${model.maxOutputTokens}, the limit of ${model.id}`);
    }
    const price = this.provider.isFree ? FREE : listed;
    const { tools, system, sharedContext, prompt, output, reuse = {} } = call;
    const layout = { tools, system, sharedContext, prompt };
    const cache = cacheBreakpoints(layout, reuse, price[0], model.minCacheTokens);
    const request = { ...layout, model: model.id, maxTokens, output, cache };
    return {
      call,
      provider: this.provider.name,
      request,
      price,
      scopes: scopesOf(call),
      boundUsd: worstCaseOf(price, this.provider.inputTokensBound(request), maxTokens),
      timeoutMs: call.timeoutMs ?? this.config.llm.timeoutSeconds * 1000,
      warnings: [...warnings, ...(this.provider.notice === undefined ? [] : [this.provider.notice])],
    };
  }

  private async send({ call, request, timeoutMs }: CallPlan): Promise<ProviderAnswer | ProviderFailure> {
    if (isAborted(call.signal)) return new ProviderFailure('The call was aborted before it was sent.', 'nothing');
    const deadline = withDeadline(call.signal, timeoutMs);
    try {
      return await this.provider.generate(request, deadline.signal, call.listener);
    } catch (error) {
      const failure = error instanceof ProviderFailure ? error : unexpected(error);
      if (failure.status !== undefined || failure.charge === 'nothing') return failure;
      if (isAborted(call.signal)) return new ProviderFailure('The call was aborted.', 'unknown', { cause: error });
      if (!deadline.isOver()) return failure;
      return new ProviderFailure(`The model provider did not answer within ${timeoutMs} ms.`, 'unknown', {
        cause: error,
      });
    } finally {
      deadline.dispose();
    }
  }

  /** Closes a failed attempt; returns when another one is due, throws what the caller gets otherwise. */
  private async endAttempt(
    { signal, purpose }: LlmCall,
    interactionId: string,
    failure: ProviderFailure,
    latencyMs: number,
    attempts: number,
  ): Promise<void> {
    const problem = upstreamProblem(failure, interactionId, attempts, Date.now());
    await this.settlement.fail(interactionId, failure, isAborted(signal) ? 'ABORTED' : problem.code, latencyMs);
    throwIfAborted(signal);
    const pauseMs = pauseBeforeRetryMs(failure, attempts, Math.random(), Date.now());
    const next = pauseMs === undefined ? 'given up' : `tried again in ${Math.round(pauseMs)} ms`;
    this.logger.warn(`Attempt ${attempts} of ${purpose} (${interactionId}) failed, ${next}: ${failure.message}`);
    if (pauseMs === undefined) throw problem;
    await pause(pauseMs, signal).catch(() => throwIfAborted(signal));
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (isAborted(signal)) throw new LlmAborted(signal?.reason);
}

const unexpected = (error: unknown): ProviderFailure =>
  new ProviderFailure('The call to the model provider failed.', 'unknown', { cause: error });

function fromProvider(
  given: ProviderAnswer,
  { price, request, provider, warnings }: CallPlan,
  facts: { readonly interactionId: string; readonly latencyMs: number; readonly retryCount: number },
): LlmAnswer {
  const { usage, stopReason } = given;
  return {
    ...judge(given, request.output !== undefined),
    toolCalls: given.toolCalls,
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
function fromRow(row: EarlierAttempt, { request, warnings }: CallPlan): LlmAnswer {
  const [created, read] = [row.cache_creation_input_tokens ?? 0, row.cache_read_input_tokens ?? 0];
  const isFaulty = row.error_code !== null;
  return {
    interactionId: row.id,
    text: row.response_text ?? '',
    toolCalls: [],
    json: isFaulty || request.output === undefined ? undefined : row.response,
    fault: isFaulty ? { code: row.error_code as AnswerFault['code'], message: row.error_message ?? '' } : undefined,
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
