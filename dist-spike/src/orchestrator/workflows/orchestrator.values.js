export const ORCHESTRATOR_TYPES = ['top_level', 'sub'];
export const ORCHESTRATOR_STATUSES = ['initializing', 'active', 'paused', 'completed', 'failed', 'terminated'];
//# sourceMappingURL=orchestrator.values.js.map