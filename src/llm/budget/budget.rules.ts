import { createHash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { LlmCall } from '../llm-call.js';
import type { BudgetScopeKind } from './budget.values.js';

/** One balance that covers a call. */
export interface ScopeRef {
  readonly kind: BudgetScopeKind;
  /** What the balance belongs to (a workflow's id, a principal's); empty where there is one for the whole system. */
  readonly key: string;
}

/** USD, as the scope's row had it under lock. */
export interface ScopeBalance extends ScopeRef {
  /** The UTC day or month that the balance is for; unset for a kind whose rows stay. */
  readonly period: string | undefined;
  /** Unset: without a limit. */
  readonly limitUsd: Decimal | undefined;
  readonly spentUsd: Decimal;
  readonly reservedUsd: Decimal;
  readonly inDoubtUsd: Decimal;
}

/** A scope whose use passed the share of its limit at which people are warned. */
export interface NearlyExhausted extends ScopeRef {
  readonly limitUsd: Decimal;
  readonly usedUsd: Decimal;
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

/** Length of the column. */
const MAX_KEY_LENGTH = 100;

export const SYSTEM_DAY: ScopeRef = { kind: 'system_day', key: '' };
export const SYSTEM_MONTH: ScopeRef = { kind: 'system_month', key: '' };
export const AUTONOMOUS_DAY: ScopeRef = { kind: 'autonomous_day', key: '' };

export const workflowScope = (workflowId: string): ScopeRef => ({ kind: 'workflow', key: workflowId });

export const principalScope = (principalId: string): ScopeRef => ({ kind: 'principal_day', key: principalId });

/** Sessions are named by their principals, so the same name of two principals is two sessions. A long name is kept as its hash. */
export function sessionScope(principalId: string, sessionId: string): ScopeRef {
  const key = `${principalId}:${sessionId}`;
  if (key.length <= MAX_KEY_LENGTH) return { kind: 'session', key };
  return {
    kind: 'session',
    key: `${principalId}:sha256:${createHash('sha256').update(sessionId).digest('base64url')}`,
  };
}

/** Every balance that covers a call, in locking order. */
export function scopesOf({ attribution, budget }: Pick<LlmCall, 'attribution' | 'budget'>): ScopeRef[] {
  const { principalId, sessionId } = attribution;
  return [
    ...[...new Set(budget.workflowIds)].map(workflowScope),
    ...(sessionId === undefined ? [] : [sessionScope(principalId, sessionId)]),
    principalScope(principalId),
    ...(budget.isAutonomous === true ? [AUTONOMOUS_DAY] : []),
    SYSTEM_DAY,
    SYSTEM_MONTH,
  ];
}

/** The format of the period that a kind's rows are for, null for a kind whose rows stay. */
export const periodOf = (kind: BudgetScopeKind): string | null => KINDS[kind].period;

/** A workflow's balance is opened when the workflow is accepted; every other one by the first call that it covers. */
export const isOpenedOnDemand = (kind: BudgetScopeKind): boolean => kind !== 'workflow';

/** Takes the key of a row, which ends with its period, apart. */
export function placeOf(kind: BudgetScopeKind, rowKey: string): { readonly key: string; readonly period?: string } {
  const format = KINDS[kind].period;
  if (format === null) return { key: rowKey };
  return { key: rowKey.slice(0, -format.length).replace(/:$/, ''), period: rowKey.slice(-format.length) };
}

/** What holds for a kind as long as the runtime configuration does not say otherwise, in USD. Undefined: no limit. */
export function defaultLimitOf(
  kind: BudgetScopeKind,
  configured: { readonly dailyUsd: Decimal; readonly autonomousDailyUsd: Decimal },
): Decimal | undefined {
  if (kind === 'system_day') return configured.dailyUsd;
  if (kind === 'autonomous_day') return configured.autonomousDailyUsd;
  return undefined;
}

/** In locking order. Workflows are given deepest first and stay so; two callers that keep to it never wait for each other in a circle. */
export const inLockingOrder = (scopes: readonly ScopeRef[]): ScopeRef[] =>
  scopes.toSorted((a, b) => KINDS[a.kind].rank - KINDS[b.kind].rank);

/** What a balance still lets through, in USD; never below 0. Undefined: everything. */
export function remainingUsd(
  balance: Pick<ScopeBalance, 'limitUsd' | 'spentUsd' | 'reservedUsd' | 'inDoubtUsd'>,
): Decimal | undefined {
  if (balance.limitUsd === undefined) return undefined;
  const used = balance.spentUsd.plus(balance.reservedUsd).plus(balance.inDoubtUsd);
  return Decimal.max(0, balance.limitUsd.minus(used));
}

/** A call that costs nothing passes no limit. */
export function fits(balance: ScopeBalance, amountUsd: Decimal): boolean {
  const remaining = remainingUsd(balance);
  return amountUsd.isZero() || remaining === undefined || remaining.gte(amountUsd);
}

/** The data of a `budget.warning` event. */
export const warningData = ({ kind, key, limitUsd, usedUsd }: NearlyExhausted) => ({
  scope: kind,
  key,
  limit_usd: limitUsd.toNumber(),
  used_usd: usedUsd.toNumber(),
  used_percentage: usedUsd.div(limitUsd).times(100).toDecimalPlaces(2).toNumber(),
});
