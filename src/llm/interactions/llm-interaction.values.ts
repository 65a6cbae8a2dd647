export const LLM_INTERACTION_STATUSES = ['sent', 'succeeded', 'failed', 'in_doubt'] as const;
export type LlmInteractionStatus = (typeof LLM_INTERACTION_STATUSES)[number];

/** What started the workflow of a call; `api` for a call outside of workflows. */
export const LLM_ORIGINS = ['user', 'motivation', 'schedule', 'api'] as const;
export type LlmOrigin = (typeof LLM_ORIGINS)[number];
