export const TEMPLATE_TYPES = ['system', 'user', 'assistant'] as const;
export type TemplateType = (typeof TEMPLATE_TYPES)[number];

export const VARIABLE_TYPES = ['text', 'number', 'list', 'json'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** What of a template stands in for NYX itself in `created_by`; people are there by their ids. */
export const MADE_BY_NYX = 'nyx';
