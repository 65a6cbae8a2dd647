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
import { INPUT_TYPES, PRIORITIES, STRATEGIES, URGENCIES, WORKFLOW_ORIGINS, WORKFLOW_PHASES, WORKFLOW_STATUSES, } from './workflow.values.js';
let WorkflowEntity = class WorkflowEntity {
    id;
    principalId;
    origin;
    inputType;
    content;
    executionContext;
    domainContext;
    userContext;
    historicalContext;
    priority;
    urgency;
    goal;
    status;
    phase;
    strategy;
    strategyReasons;
    complexity;
    estimate;
    provider;
    resultContent;
    success;
    errorCode;
    errorMessage;
    warnings;
    scores;
    maxCostUsd;
    startedAt;
    completedAt;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_workflows' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'principal_id', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "principalId", void 0);
__decorate([
    Column({ name: 'origin', type: 'varchar', length: 20, default: 'user' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "origin", void 0);
__decorate([
    Column({ name: 'input_type', type: 'varchar', length: 40 }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "inputType", void 0);
__decorate([
    Column({ name: 'content', type: 'jsonb' }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "content", void 0);
__decorate([
    Column({ name: 'execution_context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "executionContext", void 0);
__decorate([
    Column({ name: 'domain_context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "domainContext", void 0);
__decorate([
    Column({ name: 'user_context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "userContext", void 0);
__decorate([
    Column({ name: 'historical_context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "historicalContext", void 0);
__decorate([
    Column({ name: 'priority', type: 'varchar', length: 20, default: 'medium' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "priority", void 0);
__decorate([
    Column({ name: 'urgency', type: 'varchar', length: 20, default: 'normal' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "urgency", void 0);
__decorate([
    Column({ name: 'goal', type: 'text' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "goal", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'phase', type: 'varchar', length: 30, default: 'analysis' }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "phase", void 0);
__decorate([
    Column({ name: 'strategy', type: 'varchar', length: 40, nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "strategy", void 0);
__decorate([
    Column({ name: 'strategy_reasons', type: 'jsonb', default: () => "'[]'" }),
    __metadata("design:type", Array)
], WorkflowEntity.prototype, "strategyReasons", void 0);
__decorate([
    Column({ name: 'complexity', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "complexity", void 0);
__decorate([
    Column({ name: 'estimate', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "estimate", void 0);
__decorate([
    Column({ name: 'provider', type: 'varchar', length: 50, nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "provider", void 0);
__decorate([
    Column({ name: 'result_content', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "resultContent", void 0);
__decorate([
    Column({ name: 'success', type: 'boolean', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "success", void 0);
__decorate([
    Column({ name: 'error_code', type: 'varchar', length: 60, nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "errorCode", void 0);
__decorate([
    Column({ name: 'error_message', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "errorMessage", void 0);
__decorate([
    Column({ name: 'warnings', type: 'jsonb', default: () => "'[]'" }),
    __metadata("design:type", Array)
], WorkflowEntity.prototype, "warnings", void 0);
__decorate([
    Column({ name: 'scores', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "scores", void 0);
__decorate([
    Column({ name: 'max_cost_usd', type: 'numeric', precision: 20, scale: 10 }),
    __metadata("design:type", String)
], WorkflowEntity.prototype, "maxCostUsd", void 0);
__decorate([
    Column({ name: 'started_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "startedAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], WorkflowEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], WorkflowEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], WorkflowEntity.prototype, "updatedAt", void 0);
WorkflowEntity = __decorate([
    Entity('workflows'),
    Check('ck_workflows_origin', oneOf('origin', WORKFLOW_ORIGINS)),
    Check('ck_workflows_input_type', oneOf('input_type', INPUT_TYPES)),
    Check('ck_workflows_priority', oneOf('priority', PRIORITIES)),
    Check('ck_workflows_urgency', oneOf('urgency', URGENCIES)),
    Check('ck_workflows_status', oneOf('status', WORKFLOW_STATUSES)),
    Check('ck_workflows_phase', oneOf('phase', WORKFLOW_PHASES)),
    Check('ck_workflows_strategy', oneOf('strategy', STRATEGIES)),
    Check('ck_workflows_max_cost', '"max_cost_usd" > 0'),
    Check('ck_workflows_ended', `("status" IN ('completed', 'failed', 'cancelled')) = ("completed_at" IS NOT NULL)`),
    Index('ix_workflows_active', ['createdAt', 'id'], { where: "status IN ('pending', 'in_progress')" }),
    Index('ix_workflows_status', ['status', 'createdAt', 'id']),
    Index('ix_workflows_input_type', ['inputType', 'createdAt', 'id']),
    Index('ix_workflows_strategy', ['strategy', 'createdAt', 'id']),
    Index('ix_workflows_origin', ['origin', 'createdAt', 'id']),
    Index('ix_workflows_created_at', ['createdAt', 'id'])
], WorkflowEntity);
export { WorkflowEntity };
//# sourceMappingURL=workflow.entity.js.map