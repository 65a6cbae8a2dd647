import { Injectable } from '@nestjs/common';
import { Isolation } from '../../auth/isolation.js';
import type { Principal } from '../../auth/principal.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { invalid, notFound } from '../../http/problem.js';
import type { CreateMemory, MemoryPage, MemoryQueryDto, MemoryView } from './dto/memory.dto.js';
import { READABLE, readerValues, type MemoryReader } from './memory-access.rules.js';
import { MEMORY_COLUMNS, presentMemory, type MemoryRow } from './memory-rows.js';
import { MemorySearch } from './memory-search.js';
import { MemoryStore } from './memory-store.js';

const MAX_METADATA_BYTES = 16_384;

/** Memories for people: listed, searched, written and forgotten. */
@Injectable()
export class Memories {
  constructor(
    private readonly database: Database,
    private readonly store: MemoryStore,
    private readonly finder: MemorySearch,
    private readonly idempotency: IdempotencyService,
    private readonly isolation: Isolation,
  ) {}

  async list({ q, ...query }: MemoryQueryDto, principal: Principal): Promise<Plain<MemoryPage>> {
    const reader = this.readerOf(principal);
    if (q === undefined) return this.page(query, reader);
    if (query.cursor !== undefined) throw invalid('cursor', 'a search has one page');
    const { scope, scope_key: scopeKey, type, limit } = query;
    const found = await this.finder.search({ text: q, scope, scopeKey, type, limit, minRelevance: 0 }, reader);
    return { items: found.map(({ row, score }) => presentMemory(row, score)), next_cursor: null };
  }

  async get(id: string, principal: Principal): Promise<Plain<MemoryView>> {
    return presentMemory(await this.store.get(id, this.readerOf(principal)));
  }

  /** With a key, also after a crash half-way: the memory is there once. @throws Problem VALIDATION_ERROR */
  async create(
    body: CreateMemory,
    principal: Principal,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<MemoryView>> {
    const { scope, scope_key: scopeKey = null, metadata } = body;
    if (scope === 'global' && scopeKey !== null) throw invalid('scope_key', 'is not for the scope global');
    if (scope !== 'global' && scopeKey === null) throw invalid('scope_key', `is needed by the scope ${scope}`);
    if (Buffer.byteLength(JSON.stringify(metadata ?? {})) > MAX_METADATA_BYTES) {
      throw invalid('metadata', `must be at most ${MAX_METADATA_BYTES} bytes`);
    }
    const id = await this.database.transaction(async (tx) => {
      const { id: memoryId } = await this.idempotency.bind(tx, claim);
      await this.store.add(tx, {
        id: memoryId,
        scope,
        scopeKey,
        type: body.memory_type,
        content: body.content,
        metadata,
        relevance: body.relevance,
        keepDays: body.keep_days,
        principalId: principal.id,
      });
      return memoryId;
    });
    return this.get(id, principal);
  }

  /** @throws Problem NOT_FOUND */
  async forget(id: string, principal: Principal): Promise<void> {
    if (!(await this.store.forget(id, this.readerOf(principal)))) throw notFound(`Memory ${id}`);
  }

  private readerOf(principal: Principal): MemoryReader {
    return { owner: this.isolation.ownerFor(principal) };
  }

  private async page(query: Omit<MemoryQueryDto, 'q'>, reader: MemoryReader): Promise<Plain<MemoryPage>> {
    const after = placeAfter(query.cursor);
    const values: unknown[] = [...readerValues(reader), query.limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'm.scope = ?': query.scope,
      'm.scope_key = ?': query.scope_key,
      'm.memory_type = ?': query.type,
    });
    const rows = await this.database.query<MemoryRow & { at: string }>(
      `SELECT ${MEMORY_COLUMNS}, ${exactTime('m.created_at')} AS at FROM memories m
        WHERE (m.created_at, m.id) < ($5::timestamptz, $6::uuid) AND ${READABLE}${asked}
        ORDER BY m.created_at DESC, m.id DESC LIMIT $4`,
      values,
    );
    return pageOf(rows, query.limit, (row) => presentMemory(row));
  }
}
