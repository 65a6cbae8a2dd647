var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
let IdempotencyKeyEntity = class IdempotencyKeyEntity {
    principalId;
    route;
    key;
    bodyHash;
    claimId;
    claimedAt;
    workflowId;
    responseStatus;
    responseHeaders;
    responseBody;
    createdAt;
    completedAt;
};
__decorate([
    PrimaryColumn({
        name: 'principal_id',
        type: 'varchar',
        length: 100,
        primaryKeyConstraintName: 'pk_idempotency_keys',
    }),
    __metadata("design:type", String)
], IdempotencyKeyEntity.prototype, "principalId", void 0);
__decorate([
    PrimaryColumn({ name: 'route', type: 'varchar', length: 200, primaryKeyConstraintName: 'pk_idempotency_keys' }),
    __metadata("design:type", String)
], IdempotencyKeyEntity.prototype, "route", void 0);
__decorate([
    PrimaryColumn({ name: 'key', type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_idempotency_keys' }),
    __metadata("design:type", String)
], IdempotencyKeyEntity.prototype, "key", void 0);
__decorate([
    Column({ name: 'body_hash', type: 'varchar', length: 64 }),
    __metadata("design:type", String)
], IdempotencyKeyEntity.prototype, "bodyHash", void 0);
__decorate([
    Column({ name: 'claim_id', type: 'uuid' }),
    __metadata("design:type", String)
], IdempotencyKeyEntity.prototype, "claimId", void 0);
__decorate([
    Column({ name: 'claimed_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], IdempotencyKeyEntity.prototype, "claimedAt", void 0);
__decorate([
    Column({ name: 'workflow_id', type: 'uuid', nullable: true }),
    __metadata("design:type", Object)
], IdempotencyKeyEntity.prototype, "workflowId", void 0);
__decorate([
    Column({ name: 'response_status', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], IdempotencyKeyEntity.prototype, "responseStatus", void 0);
__decorate([
    Column({ name: 'response_headers', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], IdempotencyKeyEntity.prototype, "responseHeaders", void 0);
__decorate([
    Column({ name: 'response_body', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], IdempotencyKeyEntity.prototype, "responseBody", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], IdempotencyKeyEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], IdempotencyKeyEntity.prototype, "completedAt", void 0);
IdempotencyKeyEntity = __decorate([
    Entity('idempotency_keys'),
    Index('ix_idempotency_keys_created_at', ['createdAt'])
], IdempotencyKeyEntity);
export { IdempotencyKeyEntity };
//# sourceMappingURL=idempotency-key.entity.js.map