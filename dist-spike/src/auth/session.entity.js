var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
let SessionEntity = class SessionEntity {
    id;
    userId;
    refreshHash;
    createdAt;
    refreshedAt;
    expiresAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_sessions' }),
    __metadata("design:type", String)
], SessionEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'user_id', type: 'uuid' }),
    ForeignKey('UserEntity', { name: 'fk_sessions_user', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], SessionEntity.prototype, "userId", void 0);
__decorate([
    Column({ name: 'refresh_hash', type: 'varchar', length: 64 }),
    __metadata("design:type", String)
], SessionEntity.prototype, "refreshHash", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], SessionEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'refreshed_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], SessionEntity.prototype, "refreshedAt", void 0);
__decorate([
    Column({ name: 'expires_at', type: 'timestamptz' }),
    __metadata("design:type", Date)
], SessionEntity.prototype, "expiresAt", void 0);
SessionEntity = __decorate([
    Entity('sessions'),
    Index('ix_sessions_user', ['userId'])
], SessionEntity);
export { SessionEntity };
//# sourceMappingURL=session.entity.js.map