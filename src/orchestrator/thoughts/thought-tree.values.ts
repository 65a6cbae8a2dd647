export const THOUGHT_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type ThoughtStatus = (typeof THOUGHT_STATUSES)[number];

export const IMPORTANCE_LEVELS = ['low', 'medium', 'high'] as const;
export type ImportanceLevel = (typeof IMPORTANCE_LEVELS)[number];
