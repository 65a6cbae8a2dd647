var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { ORCHESTRATOR_STATUSES, ORCHESTRATOR_TYPES, } from './orchestrator.values.js';
let OrchestratorEntity = class OrchestratorEntity {
    id;
    parentOrchestratorId;
    thoughtTreeId;
    orchestratorType;
    status;
    createdAt;
    completedAt;
    maxConcurrentAgents;
    globalContext;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_orchestrators' }),
    __metadata("design:type", String)
], OrchestratorEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'parent_orchestrator_id', type: 'uuid', nullable: true }),
    ForeignKey('OrchestratorEntity', { name: 'fk_orchestrators_parent', onDelete: 'CASCADE' }),
    __metadata("design:type", Object)
], OrchestratorEntity.prototype, "parentOrchestratorId", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid' }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_orchestrators_thought', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], OrchestratorEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'orchestrator_type', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], OrchestratorEntity.prototype, "orchestratorType", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20, default: 'initializing' }),
    __metadata("design:type", String)
], OrchestratorEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], OrchestratorEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], OrchestratorEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'max_concurrent_agents', type: 'integer', default: 20 }),
    __metadata("design:type", Number)
], OrchestratorEntity.prototype, "maxConcurrentAgents", void 0);
__decorate([
    Column({ name: 'global_context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], OrchestratorEntity.prototype, "globalContext", void 0);
OrchestratorEntity = __decorate([
    Entity('orchestrators'),
    Check('ck_orchestrators_type', oneOf('orchestrator_type', ORCHESTRATOR_TYPES)),
    Check('ck_orchestrators_status', oneOf('status', ORCHESTRATOR_STATUSES)),
    Check('ck_orchestrators_agents', '"max_concurrent_agents" > 0'),
    Index('ix_orchestrators_thought', ['thoughtTreeId']),
    Index('ix_orchestrators_parent', ['parentOrchestratorId']),
    Index('ix_orchestrators_created_at', ['createdAt', 'id']),
    Index('ix_orchestrators_status', ['status', 'createdAt', 'id'])
], OrchestratorEntity);
export { OrchestratorEntity };
//# sourceMappingURL=orchestrator.entity.js.map