export const ORCHESTRATOR_TYPES = ['top_level', 'sub'] as const;
export type OrchestratorType = (typeof ORCHESTRATOR_TYPES)[number];

export const ORCHESTRATOR_STATUSES = ['initializing', 'active', 'paused', 'completed', 'failed', 'terminated'] as const;
export type OrchestratorStatus = (typeof ORCHESTRATOR_STATUSES)[number];
