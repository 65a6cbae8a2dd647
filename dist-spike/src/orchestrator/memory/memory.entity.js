var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { MEMORY_SCOPES, MEMORY_TYPES } from './memory.values.js';
let MemoryEntity = class MemoryEntity {
    id;
    scope;
    scopeKey;
    memoryType;
    content;
    metadata;
    relevance;
    principalId;
    createdAt;
    lastUsedAt;
    expiresAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_memories' }),
    __metadata("design:type", String)
], MemoryEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'scope', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], MemoryEntity.prototype, "scope", void 0);
__decorate([
    Column({ name: 'scope_key', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], MemoryEntity.prototype, "scopeKey", void 0);
__decorate([
    Column({ name: 'memory_type', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], MemoryEntity.prototype, "memoryType", void 0);
__decorate([
    Column({ name: 'content', type: 'text' }),
    __metadata("design:type", String)
], MemoryEntity.prototype, "content", void 0);
__decorate([
    Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], MemoryEntity.prototype, "metadata", void 0);
__decorate([
    Column({ name: 'relevance', type: 'double precision', default: 1 }),
    __metadata("design:type", Number)
], MemoryEntity.prototype, "relevance", void 0);
__decorate([
    Column({ name: 'principal_id', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], MemoryEntity.prototype, "principalId", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], MemoryEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'last_used_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MemoryEntity.prototype, "lastUsedAt", void 0);
__decorate([
    Column({ name: 'expires_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MemoryEntity.prototype, "expiresAt", void 0);
MemoryEntity = __decorate([
    Entity('memories'),
    Check('ck_memories_scope', oneOf('scope', MEMORY_SCOPES)),
    Check('ck_memories_type', oneOf('memory_type', MEMORY_TYPES)),
    Check('ck_memories_relevance', '"relevance" BETWEEN 0 AND 1'),
    Check('ck_memories_scope_key', `("scope" = 'global') = ("scope_key" IS NULL)`),
    Index('ix_memories_scope', ['scope', 'scopeKey', 'id']),
    Index('ix_memories_expires_at', ['expiresAt'])
], MemoryEntity);
export { MemoryEntity };
//# sourceMappingURL=memory.entity.js.map