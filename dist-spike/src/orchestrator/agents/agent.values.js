export const AGENT_TYPES = ['task', 'council', 'validator', 'memory'];
export const AGENT_STATUSES = [
    'spawned',
    'active',
    'waiting',
    'coordinating',
    'completed',
    'failed',
    'terminated',
];
export const MESSAGE_TYPES = ['context_share', 'request', 'response', 'notification'];
//# sourceMappingURL=agent.values.js.map