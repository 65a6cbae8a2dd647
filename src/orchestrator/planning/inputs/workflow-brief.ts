import type { ValidationLevel } from '../execution-settings.rules.js';
import type { Json } from '../input-fields.rules.js';
import type { Continuation, Inheritance, Requirements } from './inheritance.js';

/** What happened outside, for a workflow that reacts to it. */
export interface OutsideEvent {
  readonly type: string;
  readonly source?: string;
  readonly details?: unknown;
}

/** What the content says of limits and quality, in the words of the settings of the same meaning. */
export interface AskedSettings {
  readonly validationLevel?: ValidationLevel;
  readonly requireHumanReview?: boolean;
  /** USD. */
  readonly maxCostUsd?: string;
  readonly maxExecutionTimeMinutes?: number;
}

/** What a workflow is to do, the same for every input type. */
export interface WorkflowBrief extends Requirements {
  /** Empty only for a continuation before it has its parent's. */
  readonly objective: string;
  readonly timeline?: string;
  readonly event?: OutsideEvent;
  /** How to react to the event. */
  readonly responseStrategy?: string;
  readonly asked: AskedSettings;
  readonly continuation?: Continuation;
  readonly inherited?: Inheritance;
  /** The members of the content that nothing above stands for; they reach the prompts as context. */
  readonly context: Json;
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
