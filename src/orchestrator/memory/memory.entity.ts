import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { MEMORY_SCOPES, MEMORY_TYPES, type MemoryScope, type MemoryType } from './memory.values.js';

@Entity('memories')
@Check('ck_memories_scope', oneOf('scope', MEMORY_SCOPES))
@Check('ck_memories_type', oneOf('memory_type', MEMORY_TYPES))
@Check('ck_memories_relevance', '"relevance" BETWEEN 0 AND 1')
@Check('ck_memories_scope_key', `("scope" = 'global') = ("scope_key" IS NULL)`)
@Index('ix_memories_scope', ['scope', 'scopeKey', 'id'])
@Index('ix_memories_expires_at', ['expiresAt'])
@Index('ix_memories_principal', ['principalId', 'createdAt', 'id'])
@Index('ix_memories_created_at', ['createdAt', 'id'])
@Index('ix_memories_search', ['search'], { type: 'gin' })
@Index('ix_memories_global', ['createdAt', 'id'], { where: "scope = 'global'" })
export class MemoryEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_memories' })
  id!: string;

  @Column({ name: 'scope', type: 'varchar', length: 20 })
  scope!: MemoryScope;

  @Column({ name: 'scope_key', type: 'varchar', length: 100, nullable: true })
  scopeKey!: string | null;

  @Column({ name: 'memory_type', type: 'varchar', length: 20 })
  memoryType!: MemoryType;

  @Column({ name: 'content', type: 'text' })
  content!: string;

  /** The words it is found by: of its content, or of what it is about. Written with it, by the one statement that writes memories. */
  @Column({ name: 'search', type: 'tsvector', select: false })
  search!: string;

  @Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @Column({ name: 'relevance', type: 'double precision', default: 1 })
  relevance!: number;

  @Column({ name: 'principal_id', type: 'varchar', length: 100, nullable: true })
  principalId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;
}
