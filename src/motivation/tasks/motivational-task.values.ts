export const MOTIVATIONAL_TASK_STATUSES = [
  'generated',
  'queued',
  'spawned',
  'active',
  'completed',
  'failed',
  'cancelled',
] as const;
export type MotivationalTaskStatus = (typeof MOTIVATIONAL_TASK_STATUSES)[number];

/** Of a task that ended. */
export const OUTCOME_CATEGORIES = ['success', 'partial', 'failure'] as const;
export type OutcomeCategory = (typeof OUTCOME_CATEGORIES)[number];

/** Tasks whose end is still to come; a motivation has at most one. */
export const ACTIVE_TASK = "status IN ('generated', 'queued', 'spawned', 'active')";
