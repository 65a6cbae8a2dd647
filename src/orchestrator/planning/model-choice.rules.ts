import { TASK_KINDS } from './plan.rules.js';
import { kindOf } from './task-kinds.rules.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

type Focus = ExecutionSettings['optimizationFocus'];

/** Making one answer out of several is no kind of task, and asks as much of a model as planning does. */
const demandOf = (task: string): string => (task === 'synthesis' ? 'coordinating' : kindOf(task).demand);

/** The alias of the model for a task where the workflow names none; undefined: the deployment's default, so that it stays cheap. */
export function modelFor(task: string, focus: Focus = 'balanced'): string | undefined {
  switch (focus) {
    case 'balanced':
      return undefined;
    case 'cost':
      return 'fast';
    case 'speed':
      return demandOf(task) === 'coordinating' ? 'balanced' : 'fast';
    case 'quality':
      return demandOf(task) === 'usual' ? 'balanced' : 'best';
  }
}

/** Every model that a run may ask by itself or to save what is left of its budget; undefined: the deployment's default. */
export const modelsThatMayBeAsked = ({
  model,
  optimizationFocus,
}: Pick<ExecutionSettings, 'model' | 'optimizationFocus'>): readonly (string | undefined)[] =>
  model === undefined ? [...modelsFor(optimizationFocus), ...modelsFor('cost')] : [model];

/** Every model that `modelFor` may choose with this focus. */
export const modelsFor = (focus: Focus): readonly (string | undefined)[] => [
  ...new Set([...TASK_KINDS, 'synthesis'].map((task) => modelFor(task, focus))),
];
