import type { InputType } from './workflow.values.js';

export interface InputTypeEntry {
  readonly name: InputType;
  readonly description: string;
  /** A content that is accepted. */
  readonly content_example: Readonly<Record<string, unknown>>;
}

const PROMPT_ALONE = 'Or {prompt} alone.';

/** What callers are told of the input types. */
export const INPUT_TYPE_CATALOGUE: readonly InputTypeEntry[] = [
  {
    name: 'user_prompt',
    description: 'What is to be done, in words: {prompt}.',
    content_example: { prompt: 'Name three uses of a paper clip.' },
  },
  {
    name: 'structured_task',
    description:
      'A task in its parts: {task_definition: {primary_objective, constraints[], deliverables[], technical_requirements[], ' +
      `quality_requirements: {validation_level, review_required}}, context}. ${PROMPT_ALONE}`,
    content_example: {
      task_definition: {
        primary_objective: 'Write a guide to paper clips.',
        constraints: ['No more than one page.'],
        deliverables: ['The guide'],
        quality_requirements: { validation_level: 'standard', review_required: false },
      },
      context: { audience: 'office workers' },
    },
  },
  {
    name: 'goal_workflow',
    description:
      'A goal whose success criteria are checked at the end: {goal: {objective, success_criteria[], timeline, ' +
      `budget_constraints: {max_cost_usd, max_execution_time_hours}}}. ${PROMPT_ALONE}`,
    content_example: {
      goal: {
        objective: 'Make our release notes easier to read.',
        success_criteria: ['Every note fits on one screen.'],
        timeline: 'this week',
        budget_constraints: { max_cost_usd: 1, max_execution_time_hours: 2 },
      },
    },
  },
  {
    name: 'scheduled_workflow',
    description:
      'A workflow for certain times: {trigger: {type: "time_based", schedule, timezone}, workflow_template, parameters}. ' +
      `It registers the schedule, and each fire is a workflow of its own; without a schedule it runs now. ${PROMPT_ALONE}`,
    content_example: {
      trigger: { type: 'time_based' },
      workflow_template: { input_type: 'user_prompt', content: { prompt: 'Summarise the news of the day.' } },
    },
  },
  {
    name: 'reactive_workflow',
    description:
      'A reaction to an event: {trigger_event: {type, source, details}, response_strategy}. ' +
      'Or {prompt} alone, which describes the event.',
    content_example: {
      trigger_event: { type: 'disk.full', source: 'db-1', details: { used_percent: 97 } },
      response_strategy: 'Say what can be deleted safely.',
    },
  },
  {
    name: 'continuation_workflow',
    description:
      'Goes on from a workflow that has ended: {parent_workflow_id, continuation_type: extend, retry or refine, ' +
      'additional_requirements[], context_inheritance: full, summary or none}. It may have a {prompt} of its own.',
    content_example: {
      parent_workflow_id: '019ab0c4-5d6e-7f80-9123-456789abcdef',
      continuation_type: 'refine',
      additional_requirements: ['Shorter, please.'],
      context_inheritance: 'full',
    },
  },
];
