import { Injectable } from '@nestjs/common';
import { cutTo } from '../../database/cut.rules.js';
import { Database } from '../../database/database.service.js';
import { READABLE, readerValues, type MemoryReader } from './memory-access.rules.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-rows.js';
import { TEXT_CONFIG, type MemoryScope, type MemoryType } from './memory.values.js';
import { LEAST_RELEVANCE, matchOfRank, relevanceOf, sharesOf, USUAL_RESULTS } from './relevance.rules.js';

export interface MemoryFilter {
  readonly scope?: MemoryScope;
  readonly scopeKey?: string;
  readonly type?: MemoryType;
}

export interface MemoryQuery extends MemoryFilter {
  /** As people write it for a search engine: words, "phrases", or, -not. */
  readonly text: string;
  /** 1 to 200; default 10. */
  readonly limit?: number;
  /** 0 to 1; default 0.5. */
  readonly minRelevance?: number;
}

export interface FoundMemory {
  readonly row: MemoryRow;
  /** How relevant it is to what was asked, 0 to 1. */
  readonly score: number;
}

/** Texts that are looked at more closely: the best by their text alone. */
const CANDIDATES = 200;
/** Characters of a goal that count. */
const MAX_GOAL = 2000;

const PLACE = `($5::varchar IS NULL OR m.scope = $5) AND ($6::varchar IS NULL OR m.scope_key = $6) AND ($7::varchar IS NULL OR m.memory_type = $7)`;

/** Finds memories by their text. Any text can be asked for: there is no query that is wrong. */
@Injectable()
export class MemorySearch {
  constructor(private readonly database: Database) {}

  /** What satisfies a query, most relevant first. */
  async search(query: MemoryQuery, reader: MemoryReader): Promise<FoundMemory[]> {
    const rows = await this.database.query<MemoryRow & { rank: number }>(
      `WITH q AS MATERIALIZED (SELECT websearch_to_tsquery('${TEXT_CONFIG}', $4) AS query)
       SELECT ${MEMORY_COLUMNS}, ts_rank_cd(m.search, q.query, 32)::double precision AS rank
         FROM q, memories m
        WHERE m.search @@ q.query AND ${READABLE} AND ${PLACE} ORDER BY rank DESC, m.id DESC LIMIT ${CANDIDATES}`,
      [...readerValues(reader), query.text, query.scope ?? null, query.scopeKey ?? null, query.type ?? null],
    );
    return best(
      rows,
      rows.map(({ rank }) => matchOfRank(rank)),
      query,
    );
  }

  /** What has to do with a goal: no memory needs to have all its words. */
  async related(goal: string, reader: MemoryReader, limits: Pick<MemoryQuery, 'limit'> = {}): Promise<FoundMemory[]> {
    const rows = await this.database.query<MemoryRow & { words: string[]; found: string[] }>(
      `WITH q AS MATERIALIZED (
         SELECT tsvector_to_array(to_tsvector('${TEXT_CONFIG}', $4)) AS words,
                replace(plainto_tsquery('${TEXT_CONFIG}', $4)::text, '&', '|')::tsquery AS query
       )
       SELECT ${MEMORY_COLUMNS}, q.words, ARRAY(SELECT unnest(tsvector_to_array(m.search)) INTERSECT SELECT unnest(q.words)) AS found
         FROM q, memories m
        WHERE m.search @@ q.query AND ${READABLE} ORDER BY ts_rank(m.search, q.query) DESC, m.id DESC LIMIT ${CANDIDATES}`,
      [...readerValues(reader), cutTo(goal, MAX_GOAL)],
    );
    const shares = sharesOf(
      rows[0]?.words ?? [],
      rows.map(({ found }) => found),
    );
    return best(rows, shares, limits);
  }
}

function best(
  rows: readonly MemoryRow[],
  matches: readonly number[],
  { limit = USUAL_RESULTS, minRelevance = LEAST_RELEVANCE }: Pick<MemoryQuery, 'limit' | 'minRelevance'>,
): FoundMemory[] {
  const now = new Date();
  return rows
    .map((row, index) => ({ row, score: relevanceOf(matches[index] ?? 0, rememberedOf(row), now) }))
    .filter(({ score }) => score >= minRelevance)
    .sort((one, other) => other.score - one.score)
    .slice(0, limit);
}

const rememberedOf = ({ relevance, created_at, last_used_at }: MemoryRow) => ({
  relevance,
  createdAt: new Date(created_at),
  lastUsedAt: last_used_at === null ? null : new Date(last_used_at),
});
