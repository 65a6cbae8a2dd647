import type { Plain } from '../../http/plain.js';
import { isoTime } from '../tree-rows.js';
import type { MemoryView } from './dto/memory.dto.js';
import type { MemoryScope, MemoryType } from './memory.values.js';

/** Of a row under the alias m. */
export const MEMORY_COLUMNS = `m.id, m.scope, m.scope_key, m.memory_type, m.content, m.metadata, m.relevance, m.principal_id,
  m.created_at, m.last_used_at, m.expires_at`;

/** Times are dates, or texts inside aggregated JSON. */
export interface MemoryRow {
  readonly id: string;
  readonly scope: MemoryScope;
  readonly scope_key: string | null;
  readonly memory_type: MemoryType;
  readonly content: string;
  readonly metadata: Record<string, unknown>;
  readonly relevance: number;
  readonly principal_id: string | null;
  readonly created_at: Date | string;
  readonly last_used_at: Date | string | null;
  readonly expires_at: Date | string | null;
}

const timeOrNull = (at: Date | string | null): string | null => (at === null ? null : isoTime(at));

export const presentMemory = (row: MemoryRow, score: number | null = null): Plain<MemoryView> => ({
  id: row.id,
  scope: row.scope,
  scope_key: row.scope_key,
  memory_type: row.memory_type,
  content: row.content,
  metadata: row.metadata,
  relevance: row.relevance,
  score,
  principal_id: row.principal_id,
  created_at: isoTime(row.created_at),
  last_used_at: timeOrNull(row.last_used_at),
  expires_at: timeOrNull(row.expires_at),
});
