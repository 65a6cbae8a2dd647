import { PRIORITIES, URGENCIES, type Priority, type Urgency, type WorkflowOrigin } from './workflow.values.js';

const BEHIND_PEOPLE = 100;

/** The place in the queue, 1 (first) to 116: priority × urgency, and people before NYX's own ideas. */
export function queuePriority(priority: Priority, urgency: Urgency, origin: WorkflowOrigin): number {
  const product = (PRIORITIES.indexOf(priority) + 1) * (URGENCIES.indexOf(urgency) + 1);
  return 17 - product + (origin === 'motivation' ? BEHIND_PEOPLE : 0);
}
