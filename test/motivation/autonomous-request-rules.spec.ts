import { Decimal } from 'decimal.js';
import {
  autonomousRequest,
  priorityOf,
  taskBudgetUsd,
  textsOf,
} from '../../src/motivation/tasks/autonomous-request.rules.js';
import { proposalOf } from './task-fixture.js';

it.each<[boolean, number | undefined, number | undefined]>([
  [true, 5, 0.5],
  [true, 0.3, 0.3],
  [true, undefined, 0.5],
  [false, 5, 5],
  [false, undefined, undefined],
])('safe: %s, and any workflow at most %d USD: a task costs at most %d USD', (isSafe, workflow, most) => {
  const budget = taskBudgetUsd(isSafe, workflow === undefined ? undefined : new Decimal(workflow));
  expect(budget?.toNumber()).toBe(most);
});

it.each([
  [1, 'high'],
  [0.8, 'high'],
  [0.7999, 'medium'],
  [0.6, 'medium'],
  [0.5999, 'low'],
  [0, 'low'],
])('a score of %d is of the priority %s', (score, priority) => {
  expect(priorityOf(score)).toBe(priority);
});

it('its limits are not the proposal’s to give, its way of execution is', () => {
  const proposal = proposalOf({
    executionContext: {
      resource_limits: { max_cost_usd: 1_000, max_concurrent_agents: 500 },
      quality_settings: { validation_level: 'basic' },
      execution_preferences: { tools: ['http_request'] },
    },
  });
  expect(autonomousRequest(proposal, 0.9, new Decimal('0.25'))).toEqual({
    input_type: 'user_prompt',
    content: { prompt: proposal.prompt },
    priority: 'high',
    execution_context: {
      resource_limits: {
        max_concurrent_agents: 6,
        max_execution_time_minutes: 60,
        max_recursion_depth: 5,
        max_cost_usd: 0.25,
      },
      quality_settings: { validation_level: 'standard' },
      execution_preferences: { tools: ['http_request'] },
    },
  });
});

it('every text that a model would read is looked at', () => {
  const proposal = {
    ...proposalOf({ prompt: 'The prompt.' }),
    request: {
      input_type: 'continuation_workflow' as const,
      content: { parent_workflow_id: 'p', additional_requirements: ['one', { two: ['deep'] }], prompt: 'The prompt.' },
      domain_context: { errors: ['three'] },
    },
  };
  expect(textsOf(proposal).split('\n\n')).toEqual(['The prompt.', 'p', 'one', 'deep', 'three']);
});
