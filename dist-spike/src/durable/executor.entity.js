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
import { EXECUTOR_STATUSES } from './executor.values.js';
let ExecutorEntity = class ExecutorEntity {
    id;
    status;
    lockKey;
    version;
    startedAt;
    lastBeatAt;
    endedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'varchar', length: 100, primaryKeyConstraintName: 'pk_executors' }),
    __metadata("design:type", String)
], ExecutorEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], ExecutorEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'lock_key', type: 'bigint' }),
    __metadata("design:type", String)
], ExecutorEntity.prototype, "lockKey", void 0);
__decorate([
    Column({ name: 'version', type: 'varchar', length: 50 }),
    __metadata("design:type", String)
], ExecutorEntity.prototype, "version", void 0);
__decorate([
    Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ExecutorEntity.prototype, "startedAt", void 0);
__decorate([
    Column({ name: 'last_beat_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ExecutorEntity.prototype, "lastBeatAt", void 0);
__decorate([
    Column({ name: 'ended_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], ExecutorEntity.prototype, "endedAt", void 0);
ExecutorEntity = __decorate([
    Entity('executors'),
    Check('ck_executors_status', oneOf('status', EXECUTOR_STATUSES)),
    Index('ix_executors_live', ['lastBeatAt'], { where: "status <> 'gone'" })
], ExecutorEntity);
export { ExecutorEntity };
//# sourceMappingURL=executor.entity.js.map