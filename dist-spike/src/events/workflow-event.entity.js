var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
let WorkflowEventEntity = class WorkflowEventEntity {
    workflowId;
    seq;
    type;
    at;
    data;
};
__decorate([
    PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_events' }),
    ForeignKey('EventStreamEntity', { name: 'fk_workflow_events_stream', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], WorkflowEventEntity.prototype, "workflowId", void 0);
__decorate([
    PrimaryColumn({ name: 'seq', type: 'bigint', primaryKeyConstraintName: 'pk_workflow_events' }),
    __metadata("design:type", String)
], WorkflowEventEntity.prototype, "seq", void 0);
__decorate([
    Column({ name: 'type', type: 'varchar', length: 50 }),
    __metadata("design:type", String)
], WorkflowEventEntity.prototype, "type", void 0);
__decorate([
    Column({ name: 'at', type: 'timestamptz', default: () => 'clock_timestamp()' }),
    __metadata("design:type", Date)
], WorkflowEventEntity.prototype, "at", void 0);
__decorate([
    Column({ name: 'data', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], WorkflowEventEntity.prototype, "data", void 0);
WorkflowEventEntity = __decorate([
    Entity('workflow_events'),
    Check('ck_workflow_events_seq', '"seq" > 0')
], WorkflowEventEntity);
export { WorkflowEventEntity };
//# sourceMappingURL=workflow-event.entity.js.map