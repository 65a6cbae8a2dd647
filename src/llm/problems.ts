import type { Decimal } from 'decimal.js';
import { Problem } from '../http/problem.js';
import { remainingUsd, type ScopeBalance } from './budget/budget.rules.js';
import type { ProviderFailure } from './providers/provider.js';
import { requestedPauseMs } from './retry.rules.js';

/** Statuses with which the provider says that it cannot take the call now. */
const UNAVAILABLE = new Set([408, 429, 503, 529]);

/** Rolls a reserving transaction back; what the caller sees is `budgetExceeded`. */
export class BudgetRefusal extends Error {
  constructor(
    readonly balance: ScopeBalance,
    readonly neededUsd: Decimal,
  ) {
    super(`${balance.kind} refuses ${neededUsd.toFixed()} USD.`);
  }
}

/** An admin switched model calls off (`llm_enabled` is false): nothing was reserved and nothing is sent. */
export class CallsDisabled extends Error {
  constructor() {
    super('Model calls are switched off.');
  }
}

/** `scope_key` is what the call itself belongs to: its workflow, session or principal. */
export function budgetExceeded({ balance, neededUsd }: BudgetRefusal): Problem {
  const remaining = remainingUsd(balance);
  const limit = balance.limitUsd;
  return new Problem(
    'BUDGET_EXCEEDED',
    `The call could cost ${neededUsd.toFixed()} USD, but the budget ${balance.kind} has ${remaining?.toFixed() ?? ''} USD left.`,
    {
      extensions: {
        scope: balance.kind,
        scope_key: balance.key,
        scope_period: balance.period ?? null,
        limit_usd: limit?.toNumber() ?? null,
        spent_usd: balance.spentUsd.toNumber(),
        reserved_usd: balance.reservedUsd.toNumber(),
        in_doubt_usd: balance.inDoubtUsd.toNumber(),
        remaining_usd: remaining?.toNumber() ?? null,
        needed_usd: neededUsd.toNumber(),
      },
    },
  );
}

/** The last attempt's failure, for the caller: 503 when the provider cannot be had now, 502 when it answered with an error. */
export function upstreamProblem(
  failure: ProviderFailure,
  interactionId: string,
  attempts: number,
  nowMs: number,
): Problem {
  const isUnavailable = failure.status === undefined || UNAVAILABLE.has(failure.status);
  const pauseMs = requestedPauseMs(failure, nowMs);
  return new Problem(isUnavailable ? 'LLM_UNAVAILABLE' : 'LLM_UPSTREAM', failure.message, {
    cause: failure,
    ...(isUnavailable && pauseMs !== undefined && { retryAfterSeconds: Math.ceil(pauseMs / 1000) }),
    extensions: {
      interaction_id: interactionId,
      attempts,
      upstream_status: failure.status ?? null,
      upstream_error_type: failure.errorType ?? null,
      upstream_error_code: failure.errorCode ?? null,
      upstream_request_id: failure.requestId ?? null,
    },
  });
}
