import type { EventType, WorkflowEvent } from './event-log.js';

/** An event as clients get it, over Socket.IO, Server-Sent Events and webhooks. */
export interface LiveEvent {
  readonly workflow_id: string;
  readonly seq: number;
  readonly type: EventType;
  /** ISO 8601 */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const liveEvent = ({ workflowId, seq, type, at, data }: WorkflowEvent): LiveEvent => ({
  workflow_id: workflowId,
  seq,
  type,
  at: at.toISOString(),
  data,
});
