export const LLM_INTERACTION_STATUSES = ['sent', 'succeeded', 'failed', 'in_doubt'] as const;
export type LlmInteractionStatus = (typeof LLM_INTERACTION_STATUSES)[number];
