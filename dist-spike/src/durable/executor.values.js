export const EXECUTOR_STATUSES = ['live', 'draining', 'fenced', 'gone'];
//# sourceMappingURL=executor.values.js.map