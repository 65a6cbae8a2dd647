import type { BuiltInTemplate } from '../../llm/prompt-templates/built-in-template.js';

/** What is said where a plan does not go as planned. */
export const ADAPTATION_PROMPTS = [
  {
    name: 'subtask.again',
    type: 'user',
    content:
      '\n\nAn earlier attempt at this subtask failed: {{failure}}\nA council decided that it is tried again, in another way than before.',
    variables: [{ name: 'failure', type: 'text', required: true, description: 'Why the earlier attempt failed.' }],
  },
  {
    name: 'recovery.agenda',
    type: 'user',
    content:
      'The subtask "{{title}}" has failed, and others need its result. Its instructions were:\n{{instructions}}\n\n' +
      'It failed because: {{failure}}\n\nDecide what becomes of it.',
    variables: [
      { name: 'title', type: 'text', required: true, description: 'The title of the subtask.' },
      { name: 'instructions', type: 'text', required: true, description: 'What its agent was told.' },
      { name: 'failure', type: 'text', required: true, description: 'Why it failed.' },
    ],
  },
  {
    name: 'review.agenda',
    type: 'user',
    content: '{{failed}} of {{ended}} agents of this workflow have failed. Decide whether it goes on with its plan.',
    variables: [
      { name: 'failed', type: 'number', required: true, description: 'Agents that have failed.' },
      { name: 'ended', type: 'number', required: true, description: 'Agents that have ended.' },
    ],
  },
] as const satisfies readonly BuiltInTemplate[];
