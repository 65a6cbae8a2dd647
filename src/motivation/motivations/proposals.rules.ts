import type { Proposal } from './motivation.js';

type Of = Pick<Proposal, 'target' | 'prompt'>;

/** A later workflow that knows all of an ended one, and is told what to do about it. */
export const continuing = (workflowId: string, how: 'retry' | 'refine', { target, prompt }: Of): Proposal => ({
  target,
  prompt,
  request: {
    input_type: 'continuation_workflow',
    content: {
      parent_workflow_id: workflowId,
      continuation_type: how,
      context_inheritance: 'full',
      additional_requirements: [prompt],
    },
  },
});

/** One agent with exactly these tools. */
export const directly = (tools: readonly string[], { target, prompt }: Of): Proposal => ({
  target,
  prompt,
  request: {
    input_type: 'user_prompt',
    content: { prompt },
    execution_context: { execution_preferences: { strategy: 'direct_execution', tools: [...tools] } },
  },
});
