import type { Json } from '../input-fields.rules.js';
import type { WorkflowStatus } from '../../workflows/workflow.values.js';

export const CONTINUATION_TYPES = ['extend', 'retry', 'refine'] as const;
export type ContinuationType = (typeof CONTINUATION_TYPES)[number];

export const CONTEXT_INHERITANCES = ['full', 'summary', 'none'] as const;
export type ContextInheritance = (typeof CONTEXT_INHERITANCES)[number];

/** What a content says it continues, and how. */
export interface Continuation {
  readonly parentWorkflowId: string;
  readonly type: ContinuationType;
  readonly inherits: ContextInheritance;
}

/** The lists of a brief. */
export interface Requirements {
  readonly constraints: readonly string[];
  readonly deliverables: readonly string[];
  readonly technicalRequirements: readonly string[];
  /** Checked one by one at the end. */
  readonly successCriteria: readonly string[];
  /** What a continuation asks for beyond its objective. */
  readonly additionalRequirements: readonly string[];
}

/** What happened outside, for a workflow that reacts to it. */
export interface OutsideEvent {
  readonly type: string;
  readonly source?: string;
  readonly details?: unknown;
}

/** What else an objective needs to be understood. */
export interface Surroundings {
  readonly timeline?: string;
  readonly event?: OutsideEvent;
  /** How to react to the event. */
  readonly responseStrategy?: string;
  /** The members of the content that nothing else stands for; they reach the prompts as context. */
  readonly context: Json;
}

/** A subtask of the parent: its result, or why it has none. */
export interface InheritedSubtask {
  readonly thoughtId: string;
  readonly interactionId: string | null;
  readonly title: string;
  readonly status: WorkflowStatus;
  readonly result: string | null;
  readonly reason: string | null;
}

/**
 * What a continuation has of its parent, fixed when it is accepted: the parent may be retried or erased later. It holds nothing of
 * what the parent itself inherited but its objective and requirements, so a chain of any length stays as small as its last link.
 */
export interface Inheritance extends Continuation {
  /** The parent's, whole. */
  readonly objective: string;
  /** Those of the parent that hold again; an extension has requirements of its own. */
  readonly requirements?: Requirements;
  /** Of the parent's objective; what is too long of it is left out. */
  readonly surroundings?: Surroundings;
  readonly status?: WorkflowStatus;
  readonly error?: string;
  readonly result?: string;
  readonly resultInteractionId?: string;
  readonly subtasks?: readonly InheritedSubtask[];
  /** Subtasks of the parent that did not fit. */
  readonly subtasksLeftOut?: number;
}
