export const WORKFLOW_ORIGINS = ['user', 'motivation', 'schedule'] as const;
export type WorkflowOrigin = (typeof WORKFLOW_ORIGINS)[number];

export const INPUT_TYPES = [
  'user_prompt',
  'structured_task',
  'goal_workflow',
  'scheduled_workflow',
  'reactive_workflow',
  'continuation_workflow',
] as const;
export type InputType = (typeof INPUT_TYPES)[number];

export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const URGENCIES = ['low', 'normal', 'high', 'critical'] as const;
export type Urgency = (typeof URGENCIES)[number];

export const WORKFLOW_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

export const ENDED_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly WorkflowStatus[];

export const WORKFLOW_PHASES = [
  'analysis',
  'planning',
  'strategy_selection',
  'executing',
  'finalizing',
  'learning',
  'completed',
] as const;
export type WorkflowPhase = (typeof WORKFLOW_PHASES)[number];

export const STRATEGIES = [
  'direct_execution',
  'sequential_decomposition',
  'parallel_execution',
  'recursive_decomposition',
  'council_driven',
  'iterative_refinement',
] as const;
export type StrategyName = (typeof STRATEGIES)[number];
