export const MEMORY_SCOPES = ['agent', 'session', 'thought_tree', 'global'] as const;
export type MemoryScope = (typeof MEMORY_SCOPES)[number];

export const MEMORY_TYPES = ['context', 'learning', 'communication', 'decision', 'performance'] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];
