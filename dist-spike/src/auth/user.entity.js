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
let UserEntity = class UserEntity {
    id;
    username;
    passwordHash;
    role;
    isActive;
    tokenVersion;
    lastLoginAt;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_users' }),
    __metadata("design:type", String)
], UserEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'username', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], UserEntity.prototype, "username", void 0);
__decorate([
    Column({ name: 'password_hash', type: 'text' }),
    __metadata("design:type", String)
], UserEntity.prototype, "passwordHash", void 0);
__decorate([
    Column({ name: 'role', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], UserEntity.prototype, "role", void 0);
__decorate([
    Column({ name: 'is_active', type: 'boolean', default: true }),
    __metadata("design:type", Boolean)
], UserEntity.prototype, "isActive", void 0);
__decorate([
    Column({ name: 'token_version', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], UserEntity.prototype, "tokenVersion", void 0);
__decorate([
    Column({ name: 'last_login_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], UserEntity.prototype, "lastLoginAt", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], UserEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], UserEntity.prototype, "updatedAt", void 0);
UserEntity = __decorate([
    Entity('users'),
    Check('ck_users_role', oneOf('role', ROLES)),
    Check('ck_users_token_version', '"token_version" >= 0'),
    Index('uq_users_username', ['username'], { unique: true }),
    Index('ix_users_created_at', ['createdAt', 'id'])
], UserEntity);
export { UserEntity };
//# sourceMappingURL=user.entity.js.map