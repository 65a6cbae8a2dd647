import type { ExecutionSettings } from '../planning/execution-settings.rules.js';

export type Tolerance = ExecutionSettings['failureTolerance'];

/** Those of the whole workflow: whatever else it began would meet the same. */
const LIMITS_OF_ALL: readonly string[] = ['BUDGET_EXCEEDED', 'TIME_LIMIT', 'LLM_UNAVAILABLE', 'OVERLOADED'];

export const bindsAll = (code: string): boolean => LIMITS_OF_ALL.includes(code);

/** Another try of the same subtask would meet the same limit, and no council is asked to do without what a limit ended. */
export const isBoundByLimit = (code: string): boolean => code === 'AGENT_LIMIT' || bindsAll(code);

interface Bounds {
  /** Councils that one workflow may hold over its failed subtasks. */
  readonly councils: number;
  /** Whether the other subtasks go on after one has failed for good. */
  readonly goesOn: boolean;
  /** Of its subtasks, that may be missing in a success when nothing else needed them: 0..1. */
  readonly missingShare: number;
}

const BOUNDS: Readonly<Record<Tolerance, Bounds>> = {
  low: { councils: 0, goesOn: false, missingShare: 0 },
  medium: { councils: 2, goesOn: true, missingShare: 0 },
  high: { councils: 4, goesOn: true, missingShare: 1 / 3 },
};

/** Whether a failure goes before a council; `held` are the councils that this workflow has had. */
export const deservesCouncil = (tolerance: Tolerance, isCritical: boolean, held: number): boolean =>
  isCritical && held < BOUNDS[tolerance].councils;

/** Whether subtasks that have not begun are still begun after one has failed for good. */
export const goesOnAfterFailure = (tolerance: Tolerance): boolean => BOUNDS[tolerance].goesOn;

/** Whether a thought without the results of some subtasks may still be a success, which then says what is missing. */
export function toleratesMissing(
  tolerance: Tolerance,
  { subtasks, missing, criticalMissing }: { subtasks: number; missing: number; criticalMissing: number },
): boolean {
  return missing === 0 || (criticalMissing === 0 && missing / subtasks <= BOUNDS[tolerance].missingShare);
}
