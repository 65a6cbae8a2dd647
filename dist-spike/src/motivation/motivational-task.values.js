export const MOTIVATIONAL_TASK_STATUSES = [
    'generated',
    'queued',
    'spawned',
    'active',
    'completed',
    'failed',
    'cancelled',
];
//# sourceMappingURL=motivational-task.values.js.map