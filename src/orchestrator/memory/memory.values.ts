export const MEMORY_SCOPES = ['agent', 'session', 'thought_tree', 'global'] as const;
export type MemoryScope = (typeof MEMORY_SCOPES)[number];

export const MEMORY_TYPES = ['context', 'learning', 'communication', 'decision', 'performance'] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** Characters of a memory; about 2,000 words. */
export const MAX_CONTENT_LENGTH = 16_000;

/** Days a memory is kept after it was written or last used, and how many one agent, session or workflow, or the deployment, keeps. */
export const USUAL_KEEP_DAYS = 30;
export const MAX_PER_PLACE = 1000;

/**
 * Of PostgreSQL's full text search. English, not simple: goals are mostly written in it, and "summarise the reports" is then about the
 * same as "a report's summary". Words of other languages are found as they are written.
 */
export const TEXT_CONFIG = 'english';
