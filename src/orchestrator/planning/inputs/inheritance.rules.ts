import { cutTo } from '../../../database/cut.rules.js';
import type { WorkflowStatus } from '../../workflows/workflow.values.js';
import type { Continuation, Inheritance, InheritedSubtask, Requirements, Surroundings } from './inheritance.js';
import type { WorkflowBrief } from './workflow-brief.js';

/** What the rows of an ended workflow say, texts cut to `READ_CHARACTERS` each. */
export interface ParentFacts {
  readonly brief: WorkflowBrief;
  readonly status: WorkflowStatus;
  readonly error: string | null;
  readonly result: string | null;
  readonly resultInteractionId: string | null;
  /** In the order of the plan. */
  readonly subtasks: readonly InheritedSubtask[];
}

/** Characters of each text. */
const FULL = { result: 20_000, subtask: 2_000, error: 2_000 };
const SUMMARY = { result: 2_000, error: 1_000 };
const MAX_SUBTASKS = 20;
const MAX_TITLE = 200;
/** Of each list, and characters in each. */
const MAX_REQUIREMENTS = 50;
const MAX_REQUIREMENT_CHARACTERS = 10_000;
/** Of each part of the surroundings, as JSON. */
const MAX_SURROUNDING = 10_000;

/** Of a text that is read: one more than is kept, so that it shows what was cut. */
export const READ_CHARACTERS = { result: FULL.result + 1, subtask: FULL.subtask + 1 };

/** full: results of subtasks and the result, each bounded; summary: goal, outcome, the result shortened; none: only the objective. */
export function inherit(continuation: Continuation, parent: ParentFacts): Inheritance {
  const { objective } = parent.brief;
  if (continuation.inherits === 'none') return { ...continuation, objective };
  const isFull = continuation.inherits === 'full';
  const most = isFull ? FULL : SUMMARY;
  const kept = isFull ? keptSubtasks(parent.subtasks) : [];
  return {
    ...continuation,
    objective,
    status: parent.status,
    ...(continuation.type !== 'extend' && {
      requirements: requirementsOf(parent.brief),
      surroundings: surroundingsOf(parent.brief),
    }),
    ...(parent.error !== null && { error: shortened(parent.error, most.error) }),
    ...(parent.result !== null && parent.result !== '' && { result: shortened(parent.result, most.result) }),
    ...(parent.resultInteractionId !== null && { resultInteractionId: parent.resultInteractionId }),
    ...(isFull && { subtasks: kept, subtasksLeftOut: parent.subtasks.length - kept.length }),
  };
}

/** The brief of a continuation with what it inherits: another objective only where it has none, requirements on top of its own. */
export function continued(brief: WorkflowBrief, inherited: Inheritance | null | undefined): WorkflowBrief {
  if (inherited === null || inherited === undefined) return brief;
  const { requirements, surroundings } = inherited;
  const both = (list: keyof Requirements): string[] => [...new Set([...(requirements?.[list] ?? []), ...brief[list]])];
  return {
    ...brief,
    timeline: brief.timeline ?? surroundings?.timeline,
    event: brief.event ?? surroundings?.event,
    responseStrategy: brief.responseStrategy ?? surroundings?.responseStrategy,
    context: { ...surroundings?.context, ...brief.context },
    objective: brief.objective === '' ? inherited.objective : brief.objective,
    constraints: both('constraints'),
    deliverables: both('deliverables'),
    technicalRequirements: both('technicalRequirements'),
    successCriteria: both('successCriteria'),
    additionalRequirements: both('additionalRequirements'),
    inherited,
  };
}

/** Where it came from, for the tree: thoughts and model calls of the parent whose texts the prompts hold. */
export const sourcesOf = ({ parentWorkflowId, type, inherits, resultInteractionId, subtasks = [] }: Inheritance) => ({
  parent_workflow_id: parentWorkflowId,
  continuation_type: type,
  context_inheritance: inherits,
  thought_ids: [parentWorkflowId, ...subtasks.map(({ thoughtId }) => thoughtId)],
  interaction_ids: [
    ...subtasks.flatMap(({ interactionId }) => interactionId ?? []),
    ...(resultInteractionId === undefined ? [] : [resultInteractionId]),
  ],
});

/** Those without a result first: they say what failed. In the order of the plan. */
function keptSubtasks(subtasks: readonly InheritedSubtask[]): InheritedSubtask[] {
  const byNeed = [
    ...subtasks.filter(({ result }) => result === null),
    ...subtasks.filter(({ result }) => result !== null),
  ];
  const kept = new Set(byNeed.slice(0, MAX_SUBTASKS));
  return subtasks
    .filter((subtask) => kept.has(subtask))
    .map(({ title, result, reason, ...subtask }) => ({
      ...subtask,
      title: shortened(title, MAX_TITLE),
      result: result === null ? null : shortened(result, FULL.subtask),
      reason: reason === null ? null : shortened(reason, FULL.error),
    }));
}

const requirementsOf = (brief: WorkflowBrief): Requirements => ({
  constraints: bounded(brief.constraints),
  deliverables: bounded(brief.deliverables),
  technicalRequirements: bounded(brief.technicalRequirements),
  successCriteria: bounded(brief.successCriteria),
  additionalRequirements: bounded(brief.additionalRequirements),
});

function surroundingsOf({ timeline, event, responseStrategy, context }: WorkflowBrief): Surroundings {
  return {
    timeline: fitting(timeline),
    event: fitting(event) ?? fitting(event && { type: event.type, source: event.source }),
    responseStrategy: fitting(responseStrategy),
    context: fitting(context) ?? {},
  };
}

const fitting = <Part>(part: Part): Part | undefined =>
  part !== undefined && JSON.stringify(part).length <= MAX_SURROUNDING ? part : undefined;

/** The first of them, whole, that fit together. */
function bounded(texts: readonly string[]): string[] {
  let left = MAX_REQUIREMENT_CHARACTERS;
  return texts.slice(0, MAX_REQUIREMENTS).filter((text) => (left -= text.length) >= 0);
}

/** The beginning of a text that is too long, and that it is only that. */
const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${cutTo(text, most)} … (shortened)`;
