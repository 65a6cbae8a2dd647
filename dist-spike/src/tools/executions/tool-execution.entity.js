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
let ToolExecutionEntity = class ToolExecutionEntity {
    id;
    agentId;
    thoughtTreeId;
    toolName;
    toolClass;
    inputParameters;
    outputResult;
    stdout;
    stderr;
    startedAt;
    completedAt;
    durationMs;
    success;
    exitCode;
    errorMessage;
    retryCount;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_tool_executions' }),
    __metadata("design:type", String)
], ToolExecutionEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'agent_id', type: 'uuid', nullable: true }),
    ForeignKey('AgentEntity', { name: 'fk_tool_executions_agent', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "agentId", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid', nullable: true }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_tool_executions_thought', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'tool_name', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], ToolExecutionEntity.prototype, "toolName", void 0);
__decorate([
    Column({ name: 'tool_class', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], ToolExecutionEntity.prototype, "toolClass", void 0);
__decorate([
    Column({ name: 'input_parameters', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "inputParameters", void 0);
__decorate([
    Column({ name: 'output_result', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "outputResult", void 0);
__decorate([
    Column({ name: 'stdout', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "stdout", void 0);
__decorate([
    Column({ name: 'stderr', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "stderr", void 0);
__decorate([
    Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ToolExecutionEntity.prototype, "startedAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'duration_ms', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "durationMs", void 0);
__decorate([
    Column({ name: 'success', type: 'boolean', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "success", void 0);
__decorate([
    Column({ name: 'exit_code', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "exitCode", void 0);
__decorate([
    Column({ name: 'error_message', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], ToolExecutionEntity.prototype, "errorMessage", void 0);
__decorate([
    Column({ name: 'retry_count', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], ToolExecutionEntity.prototype, "retryCount", void 0);
ToolExecutionEntity = __decorate([
    Entity('tool_executions'),
    Check('ck_tool_executions_amounts', '"duration_ms" >= 0 AND "retry_count" >= 0'),
    Index('ix_tool_executions_agent', ['agentId']),
    Index('ix_tool_executions_thought', ['thoughtTreeId']),
    Index('ix_tool_executions_started_at', ['startedAt', 'id']),
    Index('ix_tool_executions_tool', ['toolName', 'startedAt', 'id'])
], ToolExecutionEntity);
export { ToolExecutionEntity };
//# sourceMappingURL=tool-execution.entity.js.map