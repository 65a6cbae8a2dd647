/** How a text of the offline provider begins, so that nobody takes it for a model's. */
export const OFFLINE_HEADER = '[offline: put together by rules, no model was asked]';

/** How a reason inside a structured output begins. */
export const BY_RULES = 'By rules, without a model:';
