export const TOOL_RISKS = ['low', 'medium', 'high'];
//# sourceMappingURL=tool.js.map