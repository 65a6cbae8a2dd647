var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
let EventStreamEntity = class EventStreamEntity {
    workflowId;
    lastSeq;
    ownerId;
    createdAt;
};
__decorate([
    PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_event_streams' }),
    __metadata("design:type", String)
], EventStreamEntity.prototype, "workflowId", void 0);
__decorate([
    Column({ name: 'last_seq', type: 'bigint', default: 0 }),
    __metadata("design:type", String)
], EventStreamEntity.prototype, "lastSeq", void 0);
__decorate([
    Column({ name: 'owner_id', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], EventStreamEntity.prototype, "ownerId", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], EventStreamEntity.prototype, "createdAt", void 0);
EventStreamEntity = __decorate([
    Entity('event_streams'),
    Check('ck_event_streams_last_seq', '"last_seq" >= 0')
], EventStreamEntity);
export { EventStreamEntity };
//# sourceMappingURL=event-stream.entity.js.map