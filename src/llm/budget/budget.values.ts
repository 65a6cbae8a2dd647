export const BUDGET_SCOPE_KINDS = [
  'workflow',
  'session',
  'principal_day',
  'autonomous_day',
  'system_day',
  'system_month',
] as const;
export type BudgetScopeKind = (typeof BUDGET_SCOPE_KINDS)[number];

export const BUDGET_LEDGER_STATUSES = ['reserved', 'settled', 'voided', 'in_doubt', 'released'] as const;
export type BudgetLedgerStatus = (typeof BUDGET_LEDGER_STATUSES)[number];
