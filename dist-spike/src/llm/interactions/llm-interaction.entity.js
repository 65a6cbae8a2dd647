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
import { LLM_INTERACTION_STATUSES } from './llm-interaction.values.js';
let LlmInteractionEntity = class LlmInteractionEntity {
    id;
    agentId;
    thoughtTreeId;
    workflowId;
    sessionId;
    principalId;
    stepKey;
    purpose;
    provider;
    model;
    status;
    systemPrompt;
    promptText;
    responseText;
    response;
    stopReason;
    requestTimestamp;
    responseTimestamp;
    tokenCountInput;
    tokenCountOutput;
    cachedTokenCount;
    cacheCreationInputTokens;
    cacheReadInputTokens;
    latencyMs;
    costUsd;
    costWithoutCacheUsd;
    usesPromptCaching;
    cacheTtlSeconds;
    cacheHit;
    success;
    errorCode;
    errorMessage;
    retryCount;
    confidence;
    providerRequestId;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_llm_interactions' }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'agent_id', type: 'uuid', nullable: true }),
    ForeignKey('AgentEntity', { name: 'fk_llm_interactions_agent', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "agentId", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid', nullable: true }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_llm_interactions_thought', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'workflow_id', type: 'uuid', nullable: true }),
    ForeignKey('WorkflowEntity', { name: 'fk_llm_interactions_workflow', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "workflowId", void 0);
__decorate([
    Column({ name: 'session_id', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "sessionId", void 0);
__decorate([
    Column({ name: 'principal_id', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "principalId", void 0);
__decorate([
    Column({ name: 'step_key', type: 'varchar', length: 200, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "stepKey", void 0);
__decorate([
    Column({ name: 'purpose', type: 'varchar', length: 60 }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "purpose", void 0);
__decorate([
    Column({ name: 'provider', type: 'varchar', length: 50 }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "provider", void 0);
__decorate([
    Column({ name: 'model', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "model", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'system_prompt', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "systemPrompt", void 0);
__decorate([
    Column({ name: 'prompt_text', type: 'text' }),
    __metadata("design:type", String)
], LlmInteractionEntity.prototype, "promptText", void 0);
__decorate([
    Column({ name: 'response_text', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "responseText", void 0);
__decorate([
    Column({ name: 'response', type: 'jsonb', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "response", void 0);
__decorate([
    Column({ name: 'stop_reason', type: 'varchar', length: 50, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "stopReason", void 0);
__decorate([
    Column({ name: 'request_timestamp', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], LlmInteractionEntity.prototype, "requestTimestamp", void 0);
__decorate([
    Column({ name: 'response_timestamp', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "responseTimestamp", void 0);
__decorate([
    Column({ name: 'token_count_input', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "tokenCountInput", void 0);
__decorate([
    Column({ name: 'token_count_output', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "tokenCountOutput", void 0);
__decorate([
    Column({ name: 'cached_token_count', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "cachedTokenCount", void 0);
__decorate([
    Column({ name: 'cache_creation_input_tokens', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "cacheCreationInputTokens", void 0);
__decorate([
    Column({ name: 'cache_read_input_tokens', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "cacheReadInputTokens", void 0);
__decorate([
    Column({ name: 'latency_ms', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "latencyMs", void 0);
__decorate([
    Column({ name: 'cost_usd', type: 'numeric', precision: 20, scale: 10, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "costUsd", void 0);
__decorate([
    Column({ name: 'cost_without_cache_usd', type: 'numeric', precision: 20, scale: 10, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "costWithoutCacheUsd", void 0);
__decorate([
    Column({ name: 'uses_prompt_caching', type: 'boolean', default: false }),
    __metadata("design:type", Boolean)
], LlmInteractionEntity.prototype, "usesPromptCaching", void 0);
__decorate([
    Column({ name: 'cache_ttl_seconds', type: 'integer', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "cacheTtlSeconds", void 0);
__decorate([
    Column({ name: 'cache_hit', type: 'boolean', default: false }),
    __metadata("design:type", Boolean)
], LlmInteractionEntity.prototype, "cacheHit", void 0);
__decorate([
    Column({ name: 'success', type: 'boolean', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "success", void 0);
__decorate([
    Column({ name: 'error_code', type: 'varchar', length: 60, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "errorCode", void 0);
__decorate([
    Column({ name: 'error_message', type: 'text', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "errorMessage", void 0);
__decorate([
    Column({ name: 'retry_count', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], LlmInteractionEntity.prototype, "retryCount", void 0);
__decorate([
    Column({ name: 'confidence', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "confidence", void 0);
__decorate([
    Column({ name: 'provider_request_id', type: 'varchar', length: 200, nullable: true }),
    __metadata("design:type", Object)
], LlmInteractionEntity.prototype, "providerRequestId", void 0);
LlmInteractionEntity = __decorate([
    Entity('llm_interactions'),
    Check('ck_llm_interactions_status', oneOf('status', LLM_INTERACTION_STATUSES)),
    Check('ck_llm_interactions_confidence', '"confidence" BETWEEN 0 AND 1'),
    Check('ck_llm_interactions_tokens', '"token_count_input" >= 0 AND "token_count_output" >= 0 AND "cached_token_count" >= 0 AND "cache_creation_input_tokens" >= 0 AND "cache_read_input_tokens" >= 0'),
    Check('ck_llm_interactions_amounts', '"cost_usd" >= 0 AND "cost_without_cache_usd" >= 0 AND "retry_count" >= 0 AND "latency_ms" >= 0'),
    Index('ix_llm_interactions_agent', ['agentId']),
    Index('ix_llm_interactions_thought', ['thoughtTreeId']),
    Index('ix_llm_interactions_workflow', ['workflowId', 'stepKey']),
    Index('ix_llm_interactions_request_timestamp', ['requestTimestamp', 'id']),
    Index('ix_llm_interactions_model', ['model', 'requestTimestamp', 'id']),
    Index('ix_llm_interactions_sent', ['requestTimestamp'], { where: "status = 'sent'" }),
    Index('ix_llm_interactions_unsuccessful', ['requestTimestamp', 'id'], { where: 'NOT success' })
], LlmInteractionEntity);
export { LlmInteractionEntity };
//# sourceMappingURL=llm-interaction.entity.js.map