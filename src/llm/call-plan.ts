import type { Decimal } from 'decimal.js';
import type { ScopeRef } from './budget/budget.rules.js';
import type { LlmCall } from './llm-call.js';
import type { ModelPrice } from './pricing.rules.js';
import type { ProviderRequest } from './providers/provider.js';

/** A call with everything decided that does not change from attempt to attempt. */
export interface CallPlan {
  readonly call: LlmCall;
  readonly provider: string;
  readonly request: ProviderRequest;
  readonly price: ModelPrice;
  readonly scopes: readonly ScopeRef[];
  /** The most an attempt can cost, in USD. */
  readonly boundUsd: Decimal;
  /** Attempts in all. */
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly warnings: readonly string[];
}
