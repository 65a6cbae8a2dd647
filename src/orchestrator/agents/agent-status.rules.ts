import { AGENT_STATUSES, type AgentStatus } from './agent.values.js';

/** What may follow each status. Nothing follows an end: termination does not overwrite completed or failed. */
const AFTER: Readonly<Record<AgentStatus, readonly AgentStatus[]>> = {
  spawned: ['active', 'failed', 'terminated'],
  active: ['waiting', 'coordinating', 'completed', 'failed', 'terminated'],
  waiting: ['active', 'coordinating', 'failed', 'terminated'],
  coordinating: ['active', 'waiting', 'failed', 'terminated'],
  completed: [],
  failed: [],
  terminated: [],
};

export const mayBecome = (from: AgentStatus, to: AgentStatus): boolean => AFTER[from].includes(to);

/** The statuses that `to` may follow. */
export const statusesBefore = (to: AgentStatus): readonly AgentStatus[] =>
  AGENT_STATUSES.filter((from) => mayBecome(from, to));

export const isEnd = (status: AgentStatus): boolean => AFTER[status].length === 0;
