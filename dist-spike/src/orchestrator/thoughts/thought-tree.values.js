export const THOUGHT_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];
export const IMPORTANCE_LEVELS = ['low', 'medium', 'high'];
//# sourceMappingURL=thought-tree.values.js.map