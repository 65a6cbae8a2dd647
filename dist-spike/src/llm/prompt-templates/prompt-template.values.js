export const TEMPLATE_TYPES = ['system', 'user', 'assistant'];
//# sourceMappingURL=prompt-template.values.js.map