var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty } from '@nestjs/swagger';
import { RUNNABLE_STRATEGIES } from '../../strategies/strategy-choice.rules.js';
import { INPUT_TYPES, PRIORITIES, URGENCIES, WORKFLOW_ORIGINS, WORKFLOW_PHASES, WORKFLOW_STATUSES, } from '../workflow.values.js';
const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' };
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' };
const USD = { type: Number, minimum: 0, example: 0.0012, description: 'USD, up to ten decimals.' };
const FREE = { type: 'object', additionalProperties: true };
export const RESULT_METADATA_EXAMPLE = {
    strategy: 'direct_execution',
    strategy_used: 'direct_execution',
    strategy_reasons: ['overall complexity is low'],
    complexity: { overall: 'low', decomposition_needed: false },
    agents: { total: 1, completed: 1, failed: 0, active: 0 },
    tokens: { input: 41, output: 87, total: 128 },
    provider: 'anthropic',
    warnings: [],
};
export class WorkflowResult {
    workflow_id;
    success;
    content;
    metadata;
    execution_time_ms;
    cost_usd;
    timestamp;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], WorkflowResult.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ type: Boolean, description: 'Whether the workflow did what it was asked to.', example: true }),
    __metadata("design:type", Boolean)
], WorkflowResult.prototype, "success", void 0);
__decorate([
    ApiProperty({ type: String, example: 'Holding papers, resetting a router, marking a page.' }),
    __metadata("design:type", String)
], WorkflowResult.prototype, "content", void 0);
__decorate([
    ApiProperty({ ...FREE, description: 'How it went: strategy, agents, tokens, scores; `error` when it failed.', example: RESULT_METADATA_EXAMPLE }),
    __metadata("design:type", Object)
], WorkflowResult.prototype, "metadata", void 0);
__decorate([
    ApiProperty({ type: Number, example: 1840, description: 'From the start of the work to its end, in milliseconds.' }),
    __metadata("design:type", Number)
], WorkflowResult.prototype, "execution_time_ms", void 0);
__decorate([
    ApiProperty({ ...USD }),
    __metadata("design:type", Number)
], WorkflowResult.prototype, "cost_usd", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], WorkflowResult.prototype, "timestamp", void 0);
export class WorkflowAccepted {
    workflow_id;
    status;
    success;
    content;
    metadata;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], WorkflowAccepted.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'pending' }),
    __metadata("design:type", String)
], WorkflowAccepted.prototype, "status", void 0);
__decorate([
    ApiProperty({ type: Boolean, nullable: true, example: null }),
    __metadata("design:type", void 0)
], WorkflowAccepted.prototype, "success", void 0);
__decorate([
    ApiProperty({ type: String, example: '' }),
    __metadata("design:type", String)
], WorkflowAccepted.prototype, "content", void 0);
__decorate([
    ApiProperty({ ...FREE, example: {} }),
    __metadata("design:type", Object)
], WorkflowAccepted.prototype, "metadata", void 0);
export class AgentCounts {
    active;
    completed;
    failed;
}
__decorate([
    ApiProperty({ type: 'integer', example: 2 }),
    __metadata("design:type", Number)
], AgentCounts.prototype, "active", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 3 }),
    __metadata("design:type", Number)
], AgentCounts.prototype, "completed", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 0 }),
    __metadata("design:type", Number)
], AgentCounts.prototype, "failed", void 0);
export class TokenCounts {
    input;
    output;
    total;
}
__decorate([
    ApiProperty({ type: 'integer', example: 1200 }),
    __metadata("design:type", Number)
], TokenCounts.prototype, "input", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 640 }),
    __metadata("design:type", Number)
], TokenCounts.prototype, "output", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 1840 }),
    __metadata("design:type", Number)
], TokenCounts.prototype, "total", void 0);
export class WorkflowStatusView {
    workflow_id;
    status;
    created_at;
    updated_at;
    metadata;
    progress_percentage;
    phase;
    strategy;
    agents;
    cost_usd;
    tokens;
    pending_approvals;
    elapsed_ms;
    estimated_remaining_ms;
    bottlenecks;
    risk_factors;
    quality_indicators;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], WorkflowStatusView.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'in_progress' }),
    __metadata("design:type", String)
], WorkflowStatusView.prototype, "status", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], WorkflowStatusView.prototype, "created_at", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], WorkflowStatusView.prototype, "updated_at", void 0);
__decorate([
    ApiProperty({ ...FREE, example: { paused: false, priority: 'medium' } }),
    __metadata("design:type", Object)
], WorkflowStatusView.prototype, "metadata", void 0);
__decorate([
    ApiProperty({ type: Number, minimum: 0, maximum: 100, example: 42.5, description: 'Never falls; 100 only at the end.' }),
    __metadata("design:type", Number)
], WorkflowStatusView.prototype, "progress_percentage", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_PHASES, enumName: 'WorkflowPhase', example: 'executing' }),
    __metadata("design:type", String)
], WorkflowStatusView.prototype, "phase", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: 'parallel_execution' }),
    __metadata("design:type", Object)
], WorkflowStatusView.prototype, "strategy", void 0);
__decorate([
    ApiProperty({ type: AgentCounts }),
    __metadata("design:type", AgentCounts)
], WorkflowStatusView.prototype, "agents", void 0);
__decorate([
    ApiProperty({ ...USD }),
    __metadata("design:type", Number)
], WorkflowStatusView.prototype, "cost_usd", void 0);
__decorate([
    ApiProperty({ type: TokenCounts }),
    __metadata("design:type", TokenCounts)
], WorkflowStatusView.prototype, "tokens", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 0 }),
    __metadata("design:type", Number)
], WorkflowStatusView.prototype, "pending_approvals", void 0);
__decorate([
    ApiProperty({ type: Number, example: 5300, description: 'Milliseconds since the start of the work; 0 before.' }),
    __metadata("design:type", Number)
], WorkflowStatusView.prototype, "elapsed_ms", void 0);
__decorate([
    ApiProperty({
        type: Number,
        nullable: true,
        example: 4200,
        description: 'Milliseconds, if it goes on at its pace so far; null while that says nothing.',
    }),
    __metadata("design:type", Object)
], WorkflowStatusView.prototype, "estimated_remaining_ms", void 0);
__decorate([
    ApiProperty({ type: [String], example: [], description: 'Subtasks that others wait for.' }),
    __metadata("design:type", Array)
], WorkflowStatusView.prototype, "bottlenecks", void 0);
__decorate([
    ApiProperty({ type: [String], example: ['technical complexity is high'] }),
    __metadata("design:type", Array)
], WorkflowStatusView.prototype, "risk_factors", void 0);
__decorate([
    ApiProperty({ ...FREE, example: { agent_success_rate: 1 } }),
    __metadata("design:type", Object)
], WorkflowStatusView.prototype, "quality_indicators", void 0);
export class WorkflowChange {
    workflow_id;
    status;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], WorkflowChange.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'cancelled' }),
    __metadata("design:type", String)
], WorkflowChange.prototype, "status", void 0);
export class WorkflowView {
    workflow_id;
    input_type;
    goal;
    status;
    phase;
    strategy;
    origin;
    priority;
    urgency;
    success;
    cost_usd;
    created_at;
    updated_at;
    completed_at;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], WorkflowView.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'user_prompt' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "input_type", void 0);
__decorate([
    ApiProperty({ type: String, example: 'Name three uses of a paper clip.' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "goal", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'completed' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "status", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_PHASES, enumName: 'WorkflowPhase', example: 'completed' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "phase", void 0);
__decorate([
    ApiProperty({ enum: RUNNABLE_STRATEGIES, enumName: 'Strategy', nullable: true, example: 'direct_execution' }),
    __metadata("design:type", Object)
], WorkflowView.prototype, "strategy", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_ORIGINS, enumName: 'WorkflowOrigin', example: 'user' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "origin", void 0);
__decorate([
    ApiProperty({ enum: PRIORITIES, enumName: 'Priority', example: 'medium' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "priority", void 0);
__decorate([
    ApiProperty({ enum: URGENCIES, enumName: 'Urgency', example: 'normal' }),
    __metadata("design:type", String)
], WorkflowView.prototype, "urgency", void 0);
__decorate([
    ApiProperty({ type: Boolean, nullable: true, example: true }),
    __metadata("design:type", Object)
], WorkflowView.prototype, "success", void 0);
__decorate([
    ApiProperty({ ...USD }),
    __metadata("design:type", Number)
], WorkflowView.prototype, "cost_usd", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], WorkflowView.prototype, "created_at", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], WorkflowView.prototype, "updated_at", void 0);
__decorate([
    ApiProperty({ ...TIME, nullable: true }),
    __metadata("design:type", Object)
], WorkflowView.prototype, "completed_at", void 0);
export class WorkflowDetail extends WorkflowView {
    input;
    result;
    budget;
    scores;
}
__decorate([
    ApiProperty({ ...FREE, description: 'The request as it was accepted.', example: { content: { prompt: 'Name three uses of a paper clip.' } } }),
    __metadata("design:type", Object)
], WorkflowDetail.prototype, "input", void 0);
__decorate([
    ApiProperty({ ...FREE, nullable: true, description: 'Content, success and metadata once the workflow has ended.' }),
    __metadata("design:type", Object)
], WorkflowDetail.prototype, "result", void 0);
__decorate([
    ApiProperty({ ...FREE, example: { limit_usd: 5, spent_usd: 0.0012, reserved_usd: 0, in_doubt_usd: 0, remaining_usd: 4.9988 } }),
    __metadata("design:type", Object)
], WorkflowDetail.prototype, "budget", void 0);
__decorate([
    ApiProperty({ ...FREE, nullable: true, example: { speed: 0.5, quality: 1, success: 1, usefulness: 0.86, composite: 0.861 } }),
    __metadata("design:type", Object)
], WorkflowDetail.prototype, "scores", void 0);
export class WorkflowPage {
    items;
    next_cursor;
}
__decorate([
    ApiProperty({ type: [WorkflowView] }),
    __metadata("design:type", Array)
], WorkflowPage.prototype, "items", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' }),
    __metadata("design:type", Object)
], WorkflowPage.prototype, "next_cursor", void 0);
export class ActiveWorkflow {
    workflow_id;
    status;
    goal;
    created_at;
    updated_at;
    depth;
    importance_level;
}
__decorate([
    ApiProperty({ ...ID }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'in_progress' }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "status", void 0);
__decorate([
    ApiProperty({ type: String, example: 'Compare three databases.' }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "goal", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "created_at", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "updated_at", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 1, description: 'Levels of thoughts below the root.' }),
    __metadata("design:type", Number)
], ActiveWorkflow.prototype, "depth", void 0);
__decorate([
    ApiProperty({ enum: ['low', 'medium', 'high'], enumName: 'ImportanceLevel', example: 'medium' }),
    __metadata("design:type", String)
], ActiveWorkflow.prototype, "importance_level", void 0);
export class ActiveWorkflows {
    active_workflows;
    count;
    limit;
    offset;
    timestamp;
}
__decorate([
    ApiProperty({ type: [ActiveWorkflow] }),
    __metadata("design:type", Array)
], ActiveWorkflows.prototype, "active_workflows", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 1, description: 'Items on this page.' }),
    __metadata("design:type", Number)
], ActiveWorkflows.prototype, "count", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 10 }),
    __metadata("design:type", Number)
], ActiveWorkflows.prototype, "limit", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 0 }),
    __metadata("design:type", Number)
], ActiveWorkflows.prototype, "offset", void 0);
__decorate([
    ApiProperty({ ...TIME }),
    __metadata("design:type", String)
], ActiveWorkflows.prototype, "timestamp", void 0);
//# sourceMappingURL=workflow-answers.dto.js.map