import { Decimal } from 'decimal.js';
import type { BudgetScopeKind } from './budget.values.js';

/** One balance that covers a call. */
export interface ScopeRef {
  readonly kind: BudgetScopeKind;
  /** What the balance belongs to (a workflow's id, a principal's); empty where there is one for the whole system. */
  readonly key: string;
}

/** USD, as the scope's row had it under lock. */
export interface ScopeBalance {
  readonly kind: BudgetScopeKind;
  readonly key: string;
  /** Unset: without a limit. */
  readonly limitUsd: Decimal | undefined;
  readonly spentUsd: Decimal;
  readonly reservedUsd: Decimal;
  readonly inDoubtUsd: Decimal;
}

/** Position in the one order in which scopes are locked, and the period (a PostgreSQL date format, UTC) after which a new row begins. */
const KINDS: Readonly<Record<BudgetScopeKind, { readonly rank: number; readonly period: string | null }>> = {
  workflow: { rank: 0, period: null },
  session: { rank: 1, period: null },
  principal_day: { rank: 2, period: 'YYYY-MM-DD' },
  autonomous_day: { rank: 3, period: 'YYYY-MM-DD' },
  system_day: { rank: 4, period: 'YYYY-MM-DD' },
  system_month: { rank: 5, period: 'YYYY-MM' },
};

export const SYSTEM_DAY: ScopeRef = { kind: 'system_day', key: '' };

export const workflowScope = (workflowId: string): ScopeRef => ({ kind: 'workflow', key: workflowId });

/** The format of the period that a kind's rows are for, null for a kind whose rows stay. */
export const periodOf = (kind: BudgetScopeKind): string | null => KINDS[kind].period;

/** In locking order. Workflows are given deepest first and stay so; two callers that keep to it never wait for each other in a circle. */
export const inLockingOrder = (scopes: readonly ScopeRef[]): ScopeRef[] =>
  scopes.toSorted((a, b) => KINDS[a.kind].rank - KINDS[b.kind].rank);

/** What a balance still lets through, in USD; never below 0. Undefined: everything. */
export function remainingUsd(balance: ScopeBalance): Decimal | undefined {
  if (balance.limitUsd === undefined) return undefined;
  const used = balance.spentUsd.plus(balance.reservedUsd).plus(balance.inDoubtUsd);
  return Decimal.max(0, balance.limitUsd.minus(used));
}

/** A call that costs nothing passes no limit. */
export function fits(balance: ScopeBalance, amountUsd: Decimal): boolean {
  const remaining = remainingUsd(balance);
  return amountUsd.isZero() || remaining === undefined || remaining.gte(amountUsd);
}
