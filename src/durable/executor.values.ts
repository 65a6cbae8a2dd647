export const EXECUTOR_STATUSES = ['live', 'draining', 'fenced', 'gone'] as const;
export type ExecutorStatus = (typeof EXECUTOR_STATUSES)[number];
