import { TASK_KINDS, type TaskKind } from './plan.rules.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

type Focus = ExecutionSettings['optimizationFocus'];

/** What an agent's call is for: a kind of task, or making one answer out of several. */
type ModelTask = TaskKind | 'synthesis';

const COORDINATING: readonly ModelTask[] = ['decomposition_analysis', 'task_decomposition', 'synthesis'];
const DEMANDING: readonly ModelTask[] = [...COORDINATING, 'code_synthesis', 'technical_writing', 'data_analysis'];

const isOneOf = (tasks: readonly string[], task: string): boolean => tasks.includes(task);

/** The alias of the model for a task where the workflow names none; undefined: the deployment's default, so that it stays cheap. */
export function modelFor(task: string, focus: Focus = 'balanced'): string | undefined {
  switch (focus) {
    case 'balanced':
      return undefined;
    case 'cost':
      return 'fast';
    case 'speed':
      return isOneOf(COORDINATING, task) ? 'balanced' : 'fast';
    case 'quality':
      return isOneOf(DEMANDING, task) ? 'best' : 'balanced';
  }
}

/** Every model that `modelFor` may choose with this focus. */
export const modelsFor = (focus: Focus): readonly (string | undefined)[] => [
  ...new Set([...TASK_KINDS, 'synthesis'].map((task) => modelFor(task, focus))),
];
