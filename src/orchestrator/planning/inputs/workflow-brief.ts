import type { ValidationLevel } from '../execution-settings.rules.js';
import type { Continuation, Inheritance, Requirements, Surroundings } from './inheritance.js';

/** What the content says of limits and quality, in the words of the settings of the same meaning. */
export interface AskedSettings {
  readonly validationLevel?: ValidationLevel;
  readonly requireHumanReview?: boolean;
  /** USD. */
  readonly maxCostUsd?: string;
  readonly maxExecutionTimeMinutes?: number;
}

/** What a workflow is to do, the same for every input type. */
export interface WorkflowBrief extends Requirements, Surroundings {
  /** Empty only for a continuation before it has its parent's. */
  readonly objective: string;
  readonly asked: AskedSettings;
  readonly continuation?: Continuation;
  readonly inherited?: Inheritance;
}

export const EMPTY_BRIEF: WorkflowBrief = {
  objective: '',
  constraints: [],
  deliverables: [],
  technicalRequirements: [],
  successCriteria: [],
  additionalRequirements: [],
  asked: {},
  context: {},
};
