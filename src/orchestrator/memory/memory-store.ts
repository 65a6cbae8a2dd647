import { Injectable } from '@nestjs/common';
import { cutTo } from '../../database/cut.rules.js';
import { Database } from '../../database/database.service.js';
import { ofOwner, type Owner } from '../../auth/owner.js';
import type { Sql } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import { notFound } from '../../http/problem.js';
import { READABLE, readerValues, type MemoryPlace, type MemoryReader } from './memory-access.rules.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-rows.js';
import { MAX_CONTENT_LENGTH, TEXT_CONFIG, USUAL_KEEP_DAYS, type MemoryType } from './memory.values.js';

export interface NewMemory extends MemoryPlace {
  readonly id: string;
  readonly type: MemoryType;
  /** Cut to the longest there is. */
  readonly content: string;
  /** What it is found by; default: all of it. */
  readonly subject?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** 0 to 1; default 1. */
  readonly relevance?: number;
  readonly principalId: string | null;
  /** Days until it is forgotten, unless it is used before; default 30. */
  readonly keepDays?: number;
}

/** Global memories that agents of one workflow may write: one that is led astray does not crowd out what others learned. */
const MAX_GLOBAL_PER_WORKFLOW = 20;

const INSERT = `
  INSERT INTO memories AS m (id, scope, scope_key, memory_type, content, search, metadata, relevance, principal_id, created_at, expires_at)
  SELECT $1::uuid, $2::varchar, $3::varchar, $4::varchar, $5::text, to_tsvector('${TEXT_CONFIG}', $10::text), $6::jsonb,
         $7::double precision, $8::varchar, now(), now() + make_interval(days => $9::int)`;

/** The rows of memories: written and forgotten. */
@Injectable()
export class MemoryStore {
  constructor(private readonly database: Database) {}

  /** Does nothing when that id is taken: what is written twice is there once. */
  async add(sql: Sql, memory: NewMemory): Promise<void> {
    await sql.query(`${INSERT} ON CONFLICT (id) DO NOTHING`, valuesOf(memory));
  }

  /**
   * As `add`, for an agent. Under the lock of the workflow's row: agents that write at once are counted one after the other. What was
   * written before has its place.
   * @returns false when its workflow has written all the global memories it may
   */
  async addForWorkflow(workflowId: string, memory: NewMemory): Promise<boolean> {
    if (memory.scope !== 'global') {
      await this.add(this.database, memory);
      return true;
    }
    return this.database.transaction(async (tx) => {
      await tx.query('SELECT FROM workflows WHERE id = $1 FOR NO KEY UPDATE', [workflowId]);
      const rows = await tx.query(
        `${INSERT} WHERE EXISTS (SELECT FROM memories WHERE id = $1) OR (SELECT count(*) FROM memories o
            WHERE o.scope = 'global' AND o.metadata->>'workflow_id' = $11) < ${MAX_GLOBAL_PER_WORKFLOW}
         ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING m.id`,
        [...valuesOf(memory), workflowId],
      );
      return rows.length > 0;
    });
  }

  /** In place of what stands under that id. */
  async replace(sql: Sql, memory: NewMemory): Promise<void> {
    await sql.query(
      `${INSERT} ON CONFLICT (id) DO UPDATE SET content = excluded.content, search = excluded.search, metadata = excluded.metadata,
          relevance = excluded.relevance, created_at = excluded.created_at, expires_at = excluded.expires_at`,
      valuesOf(memory),
    );
  }

  /** @throws Problem NOT_FOUND, also when the reader may not see it */
  async get(id: string, reader: MemoryReader): Promise<MemoryRow> {
    const [row] = await this.database.query<MemoryRow>(
      `SELECT ${MEMORY_COLUMNS} FROM memories m WHERE ${READABLE} AND m.id = $4`,
      [...readerValues(reader), id],
    );
    if (row === undefined) throw notFound(`Memory ${id}`);
    return row;
  }

  /** @returns whether it was there and the reader's to forget: of the global ones, an agent forgets those of its own workflow */
  async forget(id: string, reader: MemoryReader): Promise<boolean> {
    const gone = await this.database.query(
      `DELETE FROM memories m WHERE ${READABLE} AND m.id = $4
          AND ($1::text IS NULL OR m.scope <> 'global' OR m.metadata->>'workflow_id' = $1) RETURNING m.id`,
      [...readerValues(reader), id],
    );
    return gone.length > 0;
  }

  /** Everything of the owner in a place, or what is older there than so many days. @returns how many */
  async forgetPlace({ scope, scopeKey }: MemoryPlace, owner: Owner, olderThanDays = 0): Promise<number> {
    const values: unknown[] = [scope, scopeKey, olderThanDays];
    const own = ofOwner(owner, values);
    const [row] = await this.database.query<{ gone: number }>(
      `WITH gone AS (
         DELETE FROM memories WHERE scope = $1 AND scope_key IS NOT DISTINCT FROM $2
            AND created_at <= now() - make_interval(days => $3)${own} RETURNING 1)
       SELECT count(*)::int AS gone FROM gone`,
      values,
    );
    return row?.gone ?? 0;
  }

  /**
   * Notes that these were used just now, and keeps them from expiring as long as if they were new. What somebody else is using at
   * this moment is noted by them: nobody waits for it.
   */
  async noteUse(tx: Sql, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.query(
      `UPDATE memories SET last_used_at = now(), expires_at = greatest(expires_at, now() + make_interval(days => ${USUAL_KEEP_DAYS}))
        WHERE id IN (SELECT id FROM memories WHERE id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED)`,
      [ids],
    );
  }
}

const storedText = (text: string): string => storableText(cutTo(text, MAX_CONTENT_LENGTH));

const valuesOf = (memory: NewMemory): readonly unknown[] => [
  memory.id,
  memory.scope,
  memory.scopeKey,
  memory.type,
  storedText(memory.content),
  storableJson(memory.metadata ?? {}),
  memory.relevance ?? 1,
  memory.principalId,
  memory.keepDays ?? USUAL_KEEP_DAYS,
  storedText(memory.subject ?? memory.content),
];
