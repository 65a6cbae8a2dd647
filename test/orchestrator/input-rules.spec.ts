import { InputErrors } from '../../src/orchestrator/planning/input-fields.rules.js';
import type { InheritedSubtask } from '../../src/orchestrator/planning/inputs/inheritance.js';
import { continued, inherit, type ParentFacts } from '../../src/orchestrator/planning/inputs/inheritance.rules.js';
import { readRequest } from '../../src/orchestrator/planning/inputs/request.rules.js';
import { EMPTY_BRIEF, type WorkflowBrief } from '../../src/orchestrator/planning/inputs/workflow-brief.js';
import type { InputType } from '../../src/orchestrator/workflows/workflow.values.js';

const settingsOf = (inputType: InputType, content: Record<string, unknown>, context: Record<string, unknown> = {}) => {
  const errors = new InputErrors();
  const { settings } = readRequest({ input_type: inputType, content, execution_context: context }, errors);
  expect(errors.list).toEqual([]);
  return settings;
};

describe('of a limit that content and execution context both give', () => {
  it.each([
    ['the content alone', 'strict', undefined, 'strict'],
    ['the context alone', undefined, 'basic', 'basic'],
    ['neither', undefined, undefined, undefined],
    ['a stricter content', 'critical', 'standard', 'critical'],
    ['a stricter context', 'basic', 'strict', 'strict'],
  ])('the higher validation level holds: %s', (_who, ofContent, ofContext, level) => {
    const requirements = { ...(ofContent !== undefined && { validation_level: ofContent }) };
    const context = { quality_settings: { ...(ofContext !== undefined && { validation_level: ofContext }) } };
    const definition = { primary_objective: 'x', quality_requirements: requirements };
    expect(settingsOf('structured_task', { task_definition: definition }, context).validationLevel).toBe(level);
  });

  it.each([
    [false, false, false],
    [true, false, true],
    [false, true, true],
    [true, true, true],
  ])('a review is required if either wants it: %s, %s', (ofContent, ofContext, required) => {
    const definition = { primary_objective: 'x', quality_requirements: { review_required: ofContent } };
    const context = { quality_settings: { require_human_review: ofContext } };
    expect(settingsOf('structured_task', { task_definition: definition }, context).requireHumanReview).toBe(required);
  });

  it.each([
    ['the goal, over a default', 10, undefined, 600],
    ['the default', undefined, undefined, 120],
    ['the shorter goal', 0.5, 60, 30],
    ['the shorter context', 10, 60, 60],
  ])('the shorter time holds: %s', (_who, hours, minutes, most) => {
    const budget = { ...(hours !== undefined && { max_execution_time_hours: hours }) };
    const limits = { ...(minutes !== undefined && { max_execution_time_minutes: minutes }) };
    const content = { goal: { objective: 'x', budget_constraints: budget } };
    expect(settingsOf('goal_workflow', content, { resource_limits: limits }).maxExecutionTimeMinutes).toBe(most);
  });

  it('costs are compared as the decimals they are', () => {
    const content = { goal: { objective: 'x', budget_constraints: { max_cost_usd: 10 } } };
    expect(settingsOf('goal_workflow', content, { resource_limits: { max_cost_usd: 9.5 } }).maxCostUsd).toBe('9.5');
  });
});

describe('what a continuation inherits', () => {
  const continuation = { parentWorkflowId: 'p', type: 'retry', inherits: 'full' } as const;
  const subtask = (index: number, result: string | null): InheritedSubtask => ({
    thoughtId: `t${index}`,
    interactionId: result === null ? null : `i${index}`,
    title: `Subtask ${index}`,
    status: result === null ? 'failed' : 'completed',
    result,
    reason: result === null ? 'it broke' : null,
  });
  const parent = (more: Partial<ParentFacts> = {}): ParentFacts => ({
    brief: { ...EMPTY_BRIEF, objective: 'Fly.' },
    status: 'failed',
    error: null,
    result: null,
    resultInteractionId: null,
    subtasks: [],
    ...more,
  });

  it('has room for every subtask that failed, before those that did not', () => {
    const subtasks = Array.from({ length: 100 }, (_, index) =>
      subtask(index, index % 10 === 9 ? null : 'x'.repeat(5000)),
    );
    const inherited = inherit(continuation, parent({ subtasks, result: 'y'.repeat(100_000) }));
    const failed = inherited.subtasks?.filter(({ status }) => status === 'failed');
    expect(failed?.map(({ thoughtId }) => thoughtId)).toEqual(
      Array.from({ length: 10 }, (_, index) => `t${index * 10 + 9}`),
    );
    expect(inherited.subtasksLeftOut).toBe(80);
    expect(JSON.stringify(inherited).length).toBeLessThan(60_000);
  });

  it('never has half a character', () => {
    const inherited = inherit({ ...continuation, inherits: 'summary' }, parent({ result: `x${'😀'.repeat(5000)}` }));
    expect(inherited.result?.isWellFormed()).toBe(true);
  });

  it('adds up no requirements twice, and no more than fit', () => {
    let brief: WorkflowBrief = { ...EMPTY_BRIEF, objective: 'Fly.', constraints: ['high'] };
    for (let link = 0; link < 100; link += 1) {
      const own = { ...EMPTY_BRIEF, constraints: ['high', `link ${link} ${'x'.repeat(500)}`] };
      brief = continued(own, inherit(continuation, parent({ brief })));
      expect(brief.constraints.filter((constraint) => constraint === 'high')).toHaveLength(1);
      expect(brief.constraints).toContain(own.constraints[1]);
      expect(brief.constraints.join('').length).toBeLessThan(10_000 + 1_000);
    }
    expect(brief.objective).toBe('Fly.');
  });
});
