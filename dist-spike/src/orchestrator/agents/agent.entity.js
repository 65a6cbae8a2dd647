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
import { AGENT_STATUSES, AGENT_TYPES } from './agent.values.js';
let AgentEntity = class AgentEntity {
    id;
    thoughtTreeId;
    agentType;
    agentClass;
    status;
    spawnedBy;
    createdAt;
    completedAt;
    maxRecursionDepth;
    currentRecursionDepth;
    context;
    state;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_agents' }),
    __metadata("design:type", String)
], AgentEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid' }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_agents_thought', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], AgentEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'agent_type', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], AgentEntity.prototype, "agentType", void 0);
__decorate([
    Column({ name: 'agent_class', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], AgentEntity.prototype, "agentClass", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20, default: 'spawned' }),
    __metadata("design:type", String)
], AgentEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'spawned_by', type: 'uuid', nullable: true }),
    __metadata("design:type", Object)
], AgentEntity.prototype, "spawnedBy", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], AgentEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], AgentEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'max_recursion_depth', type: 'integer', default: 8 }),
    __metadata("design:type", Number)
], AgentEntity.prototype, "maxRecursionDepth", void 0);
__decorate([
    Column({ name: 'current_recursion_depth', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], AgentEntity.prototype, "currentRecursionDepth", void 0);
__decorate([
    Column({ name: 'context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], AgentEntity.prototype, "context", void 0);
__decorate([
    Column({ name: 'state', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], AgentEntity.prototype, "state", void 0);
AgentEntity = __decorate([
    Entity('agents'),
    Check('ck_agents_type', oneOf('agent_type', AGENT_TYPES)),
    Check('ck_agents_status', oneOf('status', AGENT_STATUSES)),
    Check('ck_agents_depth', '"max_recursion_depth" >= 0 AND "current_recursion_depth" >= 0'),
    Index('ix_agents_thought', ['thoughtTreeId']),
    Index('ix_agents_working', ['spawnedBy'], { where: "status IN ('active', 'waiting', 'coordinating')" }),
    Index('ix_agents_created_at', ['createdAt', 'id']),
    Index('ix_agents_status', ['status', 'createdAt', 'id']),
    Index('ix_agents_type', ['agentType', 'createdAt', 'id'])
], AgentEntity);
export { AgentEntity };
//# sourceMappingURL=agent.entity.js.map