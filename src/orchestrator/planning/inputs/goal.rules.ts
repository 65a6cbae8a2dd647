import { costAt, numberAt, objectAt, textAt, type InputErrors } from '../input-fields.rules.js';
import {
  freeTextAt,
  listsOf,
  readPromptAlone,
  restOf,
  restUnder,
  unreadOf,
  type Place,
} from './content-parts.rules.js';
import { EMPTY_BRIEF, type WorkflowBrief } from './workflow-brief.js';

/** 30 days, the most that `max_execution_time_minutes` takes. */
const MAX_HOURS = 720;

/** `{goal: {objective, success_criteria[], timeline, budget_constraints: {max_cost_usd, max_execution_time_hours}}}`. */
export function readGoal(content: Place, errors: InputErrors): WorkflowBrief {
  if (content.value.goal === undefined) return readPromptAlone(content, 'goal', errors);
  const goal = objectAt(content.value, 'goal', content.path, errors);
  if (goal === undefined) return EMPTY_BRIEF;
  const place = { value: goal, path: `${content.path}.goal` };
  const budget = objectAt(goal, 'budget_constraints', place.path, errors) ?? {};
  const budgetPath = `${place.path}.budget_constraints`;
  const hours = numberAt(budget, 'max_execution_time_hours', { above: 0, most: MAX_HOURS }, budgetPath, errors);
  const unread = {
    ...unreadOf(goal, ['objective', 'timeline', 'budget_constraints']),
    ...restUnder('budget_constraints', restOf(budget, ['max_cost_usd', 'max_execution_time_hours'])),
  };
  return {
    ...EMPTY_BRIEF,
    objective: textAt(goal, 'objective', place.path, errors) ?? '',
    ...listsOf(place, content, errors),
    timeline: freeTextAt(place, 'timeline', errors),
    asked: {
      maxCostUsd: costAt(budget, 'max_cost_usd', budgetPath, errors),
      maxExecutionTimeMinutes: hours === undefined ? undefined : hours * 60,
    },
    context: { ...unreadOf(content.value, ['goal']), ...restUnder('goal', unread) },
  };
}
