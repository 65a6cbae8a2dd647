export const BUDGET_SCOPE_KINDS = [
    'workflow',
    'session',
    'principal_day',
    'autonomous_day',
    'system_day',
    'system_month',
];
export const BUDGET_LEDGER_STATUSES = ['reserved', 'settled', 'voided', 'in_doubt', 'released'];
//# sourceMappingURL=budget.values.js.map