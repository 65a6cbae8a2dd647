export const AGENT_TYPES = ['task', 'council', 'validator', 'memory'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

export const AGENT_STATUSES = [
  'spawned',
  'active',
  'waiting',
  'coordinating',
  'completed',
  'failed',
  'terminated',
] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export const MESSAGE_TYPES = ['context_share', 'request', 'response', 'notification'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];
