/** What usage is kept and listed by, one at a time: that is all that anybody asks for, and keeps the rollups few. */
export const USAGE_KINDS = ['principal', 'model', 'day', 'workflow', 'origin'] as const;
export type UsageKind = (typeof USAGE_KINDS)[number];

/** Kinds whose totals of all times are kept as well. */
export const TOTALLED_KINDS = ['model', 'origin'] as const satisfies readonly UsageKind[];
export type TotalledKind = (typeof TOTALLED_KINDS)[number];
