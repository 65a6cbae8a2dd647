import { cutTo } from '../database/cut.rules.js';
import type { Plain } from '../http/plain.js';
import * as tree from './dto/tree-event-data.dto.js';
import * as workflow from './dto/workflow-event-data.dto.js';

/** What each type of event carries: one of these. References and short texts; what they refer to is read by its route, with its rules. */
export const EVENT_DATA = {
  'workflow.started': [workflow.WorkflowStartedData],
  'workflow.planned': [workflow.WorkflowPlannedData],
  'workflow.progress': [
    workflow.ProgressData,
    workflow.ApproachData,
    workflow.CouncilData,
    workflow.AdaptedData,
    workflow.AgentStatusData,
  ],
  'workflow.paused': [workflow.WorkflowPausedData],
  'workflow.resumed': [workflow.WorkflowResumedData],
  'workflow.retried': [workflow.WorkflowRetriedData],
  'workflow.completed': [workflow.WorkflowCompletedData],
  'workflow.failed': [workflow.WorkflowFailedData],
  'workflow.cancelled': [workflow.WorkflowCancelledData],
  'thought.started': [tree.ThoughtStartedData],
  'thought.completed': [tree.ThoughtCompletedData],
  'thought.failed': [tree.ThoughtFailedData],
  'agent.spawned': [tree.AgentSpawnedData],
  'agent.completed': [tree.AgentCompletedData],
  'agent.failed': [tree.AgentFailedData],
  'llm.completed': [tree.LlmCompletedData],
  'tool.completed': [tree.ToolCompletedData],
  'approval.requested': [tree.ApprovalRequestedData],
  'approval.answered': [tree.ApprovalAnsweredData],
  'budget.warning': [workflow.BudgetNearlyUsedData, workflow.BudgetExceededData],
} as const;

export type EventType = keyof typeof EVENT_DATA;

export const EVENT_TYPES = Object.keys(EVENT_DATA) as readonly EventType[];

type EventData<Type extends EventType> = Plain<InstanceType<(typeof EVENT_DATA)[Type][number]>>;

/** The log says how far the workflow has come; who appends may have come further. */
type Brought<Data> = Data extends { progress_percentage: number }
  ? Omit<Data, 'progress_percentage'> & { progress_percentage?: number }
  : Data;

/** An event as it is appended: the data of its type, and nothing else. */
export type NewEvent = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: Readonly<Brought<EventData<Type>>> };
}[EventType];

/** As long as a text of an event may be: what is longer is cut. */
export function eventText(text: string): string {
  return text.length <= workflow.MAX_EVENT_TEXT ? text : `${cutTo(text, workflow.MAX_EVENT_TEXT - 1)}…`;
}
