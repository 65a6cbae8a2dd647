export const MEMORY_SCOPES = ['agent', 'session', 'thought_tree', 'global'];
export const MEMORY_TYPES = ['context', 'learning', 'communication', 'decision', 'performance'];
//# sourceMappingURL=memory.values.js.map