import type { InputType } from './workflow.values.js';

/** The input types this release runs. */
export const RUNNABLE_INPUT_TYPES: readonly { name: InputType; description: string }[] = [
  { name: 'user_prompt', description: 'A prompt: content {prompt}.' },
  {
    name: 'structured_task',
    description:
      'A task definition: content {task_definition: {primary_objective, constraints, deliverables, quality_requirements}, context}, or {prompt}.',
  },
];
