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
