export const TEMPLATE_TYPES = ['system', 'user', 'assistant'] as const;
export type TemplateType = (typeof TEMPLATE_TYPES)[number];
