export const LLM_INTERACTION_STATUSES = ['sent', 'succeeded', 'failed', 'in_doubt'];
//# sourceMappingURL=llm-interaction.values.js.map