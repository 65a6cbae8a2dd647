import type { ParameterError, ParametersSchema } from '../../tools/tool.js';
import { MEMORY_SCOPES, MEMORY_TYPES, type MemoryScope, type MemoryType } from './memory.values.js';
import { LEAST_RELEVANCE, USUAL_RESULTS } from './relevance.rules.js';

export const MEMORY_OPERATIONS = ['store', 'search', 'retrieve', 'forget'] as const;

export type MemoryParameters = {
  readonly operation: (typeof MEMORY_OPERATIONS)[number];
  readonly id?: string;
  readonly scope?: MemoryScope;
  readonly scope_key?: string;
  readonly memory_type?: MemoryType;
  readonly content?: string;
  readonly relevance?: number;
  readonly query?: string;
  readonly limit?: number;
  readonly min_relevance?: number;
  readonly older_than_days?: number;
};

const MAX_RESULTS = 20;
/** Agents write less at a time than people may. */
const MAX_CONTENT = 8000;
/** Shown of each memory that is found; the whole of one is retrieved. */
export const MAX_FOUND_BYTES = 2000;

export const memoryParametersSchema: ParametersSchema = {
  type: 'object',
  properties: {
    operation: { type: 'string', enum: MEMORY_OPERATIONS },
    id: { type: 'string', format: 'uuid', description: 'Of the memory to retrieve or to forget.' },
    scope: {
      type: 'string',
      enum: MEMORY_SCOPES,
      description: 'store, forget: where; default thought_tree. search: only there; default everywhere.',
    },
    scope_key: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'Which agent, session or workflow; agents leave it out.',
    },
    memory_type: { type: 'string', enum: MEMORY_TYPES, description: 'store: default context. search: only these.' },
    content: { type: 'string', minLength: 1, maxLength: MAX_CONTENT, description: 'store: what to keep.' },
    relevance: { type: 'number', minimum: 0, maximum: 1, description: 'store: what it is worth; default 1.' },
    query: {
      type: 'string',
      minLength: 1,
      maxLength: 1000,
      description: 'search: words that all must be there, a "phrase", or, -not.',
    },
    limit: { type: 'integer', minimum: 1, maximum: MAX_RESULTS, description: `search: default ${USUAL_RESULTS}.` },
    min_relevance: { type: 'number', minimum: 0, maximum: 1, description: `search: default ${LEAST_RELEVANCE}.` },
    older_than_days: {
      type: 'integer',
      minimum: 0,
      maximum: 3650,
      description: 'forget: of a scope, only what is older.',
    },
  },
  required: ['operation'],
  additionalProperties: false,
};

/** What an operation cannot do without. */
export function missingParameters(parameters: MemoryParameters): ParameterError[] {
  const needed: Readonly<Record<MemoryParameters['operation'], readonly (keyof MemoryParameters)[]>> = {
    store: ['content'],
    search: ['query'],
    retrieve: ['id'],
    forget: parameters.scope === undefined ? ['id'] : [],
  };
  return needed[parameters.operation]
    .filter((name) => parameters[name] === undefined)
    .map((field) => ({ field, message: `${field} is needed by ${parameters.operation}.` }));
}
