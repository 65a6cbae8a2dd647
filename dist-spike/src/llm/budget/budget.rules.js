import { Decimal } from 'decimal.js';
/** Position in the one order in which scopes are locked, and the period (a PostgreSQL date format, UTC) after which a new row begins. */
const KINDS = {
    workflow: { rank: 0, period: null },
    session: { rank: 1, period: null },
    principal_day: { rank: 2, period: 'YYYY-MM-DD' },
    autonomous_day: { rank: 3, period: 'YYYY-MM-DD' },
    system_day: { rank: 4, period: 'YYYY-MM-DD' },
    system_month: { rank: 5, period: 'YYYY-MM' },
};
export const SYSTEM_DAY = { kind: 'system_day', key: '' };
export const workflowScope = (workflowId) => ({ kind: 'workflow', key: workflowId });
/** The format of the period that a kind's rows are for, null for a kind whose rows stay. */
export const periodOf = (kind) => KINDS[kind].period;
/** In locking order. Workflows are given deepest first and stay so; two callers that keep to it never wait for each other in a circle. */
export const inLockingOrder = (scopes) => scopes.toSorted((a, b) => KINDS[a.kind].rank - KINDS[b.kind].rank);
/** What a balance still lets through, in USD; never below 0. Undefined: everything. */
export function remainingUsd(balance) {
    if (balance.limitUsd === undefined)
        return undefined;
    const used = balance.spentUsd.plus(balance.reservedUsd).plus(balance.inDoubtUsd);
    return Decimal.max(0, balance.limitUsd.minus(used));
}
/** A call that costs nothing passes no limit. */
export function fits(balance, amountUsd) {
    const remaining = remainingUsd(balance);
    return amountUsd.isZero() || remaining === undefined || remaining.gte(amountUsd);
}
//# sourceMappingURL=budget.rules.js.map