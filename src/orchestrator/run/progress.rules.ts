import type { StrategyName, WorkflowPhase } from '../workflows/workflow.values.js';

/** Percent done when a phase begins. */
const START: Readonly<Record<WorkflowPhase, number>> = {
  analysis: 0,
  planning: 5,
  strategy_selection: 8,
  executing: 10,
  finalizing: 90,
  learning: 98,
  completed: 100,
};

/** A plan, at least two parts, and what is made of them, in place of one agent's work. */
const DECOMPOSED_WEIGHT = 4;
/** Rounds of a refinement come one by one; before it ends it is taken for as long as it may be. */
export const MAX_ROUNDS = 3;

/** Percent done, 0..100, when a phase begins. 100 only when the workflow has completed. */
export const progressAt = (phase: WorkflowPhase): number => START[phase];

/**
 * Percent done when so much of the work is done: subtasks share the way from the plan to the synthesis. It may fall when more work is
 * found; what is told is the furthest that was reached (`EventLog.append`).
 * @param share 0..1
 */
export function progressOfWork(share: number): number {
  const way = START.finalizing - START.executing;
  return Math.round((START.executing + way * Math.min(1, Math.max(0, share))) * 100) / 100;
}

/** What a subtask weighs beside the others of its plan: 1 is the work of one agent. */
export const weightOf = ({ decompose }: { readonly decompose?: boolean }): number =>
  decompose === true ? DECOMPOSED_WEIGHT : 1;

/** What the parts of a workflow weigh at least, also before all of them are there. */
export const leastWeight = (strategy: StrategyName): number => (strategy === 'iterative_refinement' ? MAX_ROUNDS : 0);
