import type { InputType } from './workflow.values.js';

/** The input types this release runs. */
export const RUNNABLE_INPUT_TYPES: readonly { name: InputType; description: string }[] = [
  { name: 'user_prompt', description: 'A prompt: content {prompt}.' },
  {
    name: 'structured_task',
    description:
      'A task definition: content {task_definition: {primary_objective, constraints, deliverables, quality_requirements}, context}, or {prompt}.',
  },
  {
    name: 'scheduled_workflow',
    description:
      'A schedule to register: content {trigger: {type: "time_based", schedule, timezone}, workflow_template, parameters}; each fire is a workflow of its own. Without trigger.schedule the template runs now.',
  },
  {
    name: 'reactive_workflow',
    description:
      'A reaction to an event: content {trigger_event: {type, source, details}, response_strategy}, or {prompt}.',
  },
];
