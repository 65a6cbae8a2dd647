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
import { oneOf } from '../database/checks.js';
import { ROLES } from './roles.js';
let ApiKeyEntity = class ApiKeyEntity {
    id;
    name;
    prefix;
    keyHash;
    role;
    createdBy;
    createdAt;
    expiresAt;
    lastUsedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_api_keys' }),
    __metadata("design:type", String)
], ApiKeyEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'name', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], ApiKeyEntity.prototype, "name", void 0);
__decorate([
    Column({ name: 'prefix', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], ApiKeyEntity.prototype, "prefix", void 0);
__decorate([
    Column({ name: 'key_hash', type: 'varchar', length: 64 }),
    __metadata("design:type", String)
], ApiKeyEntity.prototype, "keyHash", void 0);
__decorate([
    Column({ name: 'role', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], ApiKeyEntity.prototype, "role", void 0);
__decorate([
    Column({ name: 'created_by', type: 'uuid', nullable: true }),
    __metadata("design:type", Object)
], ApiKeyEntity.prototype, "createdBy", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ApiKeyEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'expires_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], ApiKeyEntity.prototype, "expiresAt", void 0);
__decorate([
    Column({ name: 'last_used_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], ApiKeyEntity.prototype, "lastUsedAt", void 0);
ApiKeyEntity = __decorate([
    Entity('api_keys'),
    Check('ck_api_keys_role', oneOf('role', ROLES)),
    Index('uq_api_keys_key_hash', ['keyHash'], { unique: true }),
    Index('ix_api_keys_created_at', ['createdAt', 'id'])
], ApiKeyEntity);
export { ApiKeyEntity };
//# sourceMappingURL=api-key.entity.js.map