import { Injectable } from '@nestjs/common';
import type { Decimal } from 'decimal.js';
import { Metrics } from '../telemetry/metrics.js';
import { derivedSpanId } from '../telemetry/trace-context.rules.js';
import { Tracing } from '../telemetry/tracing.js';
import { callContext } from '../telemetry/work-context.js';
import { BUDGET_SCOPE_KINDS, type BudgetScopeKind } from './budget/budget.values.js';
import type { CallPlan } from './call-plan.js';
import type { LlmAnswer } from './llm-call.js';
import type { TokenUsage } from './pricing.rules.js';

const OUTCOMES = ['answered', 'faulty', 'failed', 'in_doubt'] as const;

/** How an attempt ended, with what was booked for it. */
export interface EndedAttempt {
  readonly interactionId: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly latencyMs: number;
  /** When the answer was there, in milliseconds since 1970. */
  readonly endedAtMs: number;
  readonly usage?: LlmAnswer['usage'];
  readonly costUsd?: Decimal;
  readonly stopReason?: string;
  readonly errorCode?: string;
}

/** Metrics and spans of model calls. To be told when what is booked has committed; it is never told twice of an attempt. */
@Injectable()
export class CallTelemetry {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    for (const scope of BUDGET_SCOPE_KINDS) metrics.budget.refusals.inc({ scope }, 0);
  }

  ended(plan: CallPlan, attempt: EndedAttempt): void {
    const { calls, seconds, tokens, costUsd, cacheHits } = this.metrics.llm;
    const { model } = plan.request;
    const { outcome, usage, latencyMs } = attempt;
    for (const each of OUTCOMES) calls.inc({ model, outcome: each }, each === outcome ? 1 : 0);
    seconds.observe({ model, outcome }, latencyMs / 1000);
    if (attempt.costUsd !== undefined) costUsd.inc({ model }, attempt.costUsd.toNumber());
    if (usage !== undefined) {
      tokens.inc({ model, kind: 'input' }, usage.inputTokens);
      tokens.inc({ model, kind: 'output' }, usage.outputTokens);
      tokens.inc({ model, kind: 'cache_creation' }, usage.cacheCreationInputTokens);
      tokens.inc({ model, kind: 'cache_read' }, usage.cacheReadInputTokens);
      if (usage.cacheReadInputTokens > 0) cacheHits.inc({ model });
    }
    if (this.tracing.isOn) this.trace(plan, attempt);
  }

  refused(scope: BudgetScopeKind): void {
    this.metrics.budget.refusals.inc({ scope });
  }

  private trace({ call, provider, request }: CallPlan, attempt: EndedAttempt): void {
    const { agentId, thoughtId, workflowId } = call.attribution;
    const context = callContext(agentId);
    if (context === undefined) return;
    const { interactionId, usage, endedAtMs, latencyMs, stopReason, errorCode } = attempt;
    this.tracing.record({
      context,
      spanId: derivedSpanId('llm', interactionId),
      name: `chat ${request.model}`,
      kind: 'client',
      startMs: endedAtMs - latencyMs,
      endMs: endedAtMs,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider,
        'gen_ai.system': provider,
        'gen_ai.request.model': request.model,
        'gen_ai.request.max_tokens': request.maxTokens,
        'gen_ai.response.model': request.model,
        'gen_ai.response.finish_reasons': stopReason === undefined ? undefined : [stopReason],
        // As the conventions have it, those that were read from the cache or written into it are input, too.
        'gen_ai.usage.input_tokens':
          usage && usage.inputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens,
        'gen_ai.usage.output_tokens': usage?.outputTokens,
        'gen_ai.usage.cache_creation.input_tokens': usage?.cacheCreationInputTokens,
        'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadInputTokens,
        'nyx.cost_usd': attempt.costUsd?.toNumber(),
        'nyx.purpose': call.purpose,
        'nyx.interaction.id': interactionId,
        'nyx.thought.id': thoughtId,
        'nyx.workflow.id': workflowId,
      },
      errorType: errorCode,
    });
  }
}

export const usageOf = (usage: TokenUsage): LlmAnswer['usage'] => ({
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheCreationInputTokens: usage.cacheCreation5mTokens + usage.cacheCreation1hTokens,
  cacheReadInputTokens: usage.cacheReadTokens,
});
