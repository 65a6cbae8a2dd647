export const WORKFLOW_ORIGINS = ['user', 'motivation', 'schedule'];
export const INPUT_TYPES = [
    'user_prompt',
    'structured_task',
    'goal_workflow',
    'scheduled_workflow',
    'reactive_workflow',
    'continuation_workflow',
];
export const PRIORITIES = ['low', 'medium', 'high', 'critical'];
export const URGENCIES = ['low', 'normal', 'high', 'critical'];
export const WORKFLOW_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];
export const WORKFLOW_PHASES = [
    'analysis',
    'planning',
    'strategy_selection',
    'executing',
    'finalizing',
    'learning',
    'completed',
];
export const STRATEGIES = [
    'direct_execution',
    'sequential_decomposition',
    'parallel_execution',
    'recursive_decomposition',
    'council_driven',
    'iterative_refinement',
];
//# sourceMappingURL=workflow.values.js.map