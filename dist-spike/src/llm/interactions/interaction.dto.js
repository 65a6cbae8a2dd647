var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import { LLM_INTERACTION_STATUSES } from './llm-interaction.values.js';
const toBoolean = ({ value }) => value === 'true' ? true : value === 'false' ? false : value;
export class InteractionQuery extends PageQuery {
    workflow_id;
    thought_tree_id;
    agent_id;
    model;
    success;
}
__decorate([
    ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this workflow.' }),
    IsOptional(),
    IsUUID(),
    __metadata("design:type", String)
], InteractionQuery.prototype, "workflow_id", void 0);
__decorate([
    ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this thought.' }),
    IsOptional(),
    IsUUID(),
    __metadata("design:type", String)
], InteractionQuery.prototype, "thought_tree_id", void 0);
__decorate([
    ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this agent.' }),
    IsOptional(),
    IsUUID(),
    __metadata("design:type", String)
], InteractionQuery.prototype, "agent_id", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        maxLength: 100,
        example: 'claude-haiku-5-5',
        description: 'Answered by this model.',
    }),
    IsOptional(),
    IsString(),
    MaxLength(100),
    __metadata("design:type", String)
], InteractionQuery.prototype, "model", void 0);
__decorate([
    ApiPropertyOptional({
        type: Boolean,
        description: 'Only those that brought what was asked for, or only those that did not.',
    }),
    Transform(toBoolean),
    IsOptional(),
    IsBoolean(),
    __metadata("design:type", Boolean)
], InteractionQuery.prototype, "success", void 0);
/** A text of an interaction: whole for one, its beginning in lists. */
const excerpt = { type: String, description: 'In lists the first 1,000 characters.' };
const tokens = { type: 'integer', minimum: 0, nullable: true };
const usd = { type: Number, minimum: 0, nullable: true };
const reference = { type: String, format: 'uuid', nullable: true, example: null };
export class InteractionView {
    id;
    workflow_id;
    thought_tree_id;
    agent_id;
    session_id;
    principal_id;
    purpose;
    provider;
    model;
    status;
    success;
    system_prompt;
    prompt_text;
    response_text;
    stop_reason;
    request_timestamp;
    response_timestamp;
    token_count_input;
    token_count_output;
    cached_token_count;
    cache_creation_input_tokens;
    cache_read_input_tokens;
    latency_ms;
    cost_usd;
    cost_without_cache_usd;
    uses_prompt_caching;
    cache_ttl_seconds;
    cache_hit;
    error_code;
    error_message;
    retry_count;
    confidence;
    provider_request_id;
}
__decorate([
    ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' }),
    __metadata("design:type", String)
], InteractionView.prototype, "id", void 0);
__decorate([
    ApiProperty(reference),
    __metadata("design:type", Object)
], InteractionView.prototype, "workflow_id", void 0);
__decorate([
    ApiProperty(reference),
    __metadata("design:type", Object)
], InteractionView.prototype, "thought_tree_id", void 0);
__decorate([
    ApiProperty(reference),
    __metadata("design:type", Object)
], InteractionView.prototype, "agent_id", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "session_id", void 0);
__decorate([
    ApiProperty({
        type: String,
        nullable: true,
        example: '019ab0c4-1111-7222-8333-444455556666',
        description: 'Who made the call.',
    }),
    __metadata("design:type", Object)
], InteractionView.prototype, "principal_id", void 0);
__decorate([
    ApiProperty({
        type: String,
        example: 'generate',
        description: 'What the call was for: generate, plan, subtask, synthesis…',
    }),
    __metadata("design:type", String)
], InteractionView.prototype, "purpose", void 0);
__decorate([
    ApiProperty({ type: String, example: 'anthropic' }),
    __metadata("design:type", String)
], InteractionView.prototype, "provider", void 0);
__decorate([
    ApiProperty({ type: String, example: 'claude-haiku-5-5' }),
    __metadata("design:type", String)
], InteractionView.prototype, "model", void 0);
__decorate([
    ApiProperty({
        enum: LLM_INTERACTION_STATUSES,
        enumName: 'LlmInteractionStatus',
        example: 'succeeded',
        description: 'in_doubt: it was sent and nobody knows what came of it.',
    }),
    __metadata("design:type", String)
], InteractionView.prototype, "status", void 0);
__decorate([
    ApiProperty({ type: Boolean, nullable: true, example: true, description: 'Whether it brought what was asked for.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "success", void 0);
__decorate([
    ApiProperty({ ...excerpt, nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "system_prompt", void 0);
__decorate([
    ApiProperty({ ...excerpt, example: 'Name the capital of France.' }),
    __metadata("design:type", String)
], InteractionView.prototype, "prompt_text", void 0);
__decorate([
    ApiProperty({ ...excerpt, nullable: true, example: 'Paris.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "response_text", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: 'end_turn' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "stop_reason", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' }),
    __metadata("design:type", String)
], InteractionView.prototype, "request_timestamp", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T08:00:00.640Z' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "response_timestamp", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 14, description: 'The whole input: fresh, cache written and cache read.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "token_count_input", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 5 }),
    __metadata("design:type", Object)
], InteractionView.prototype, "token_count_output", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 0, description: 'Read from the cache; the same as cache_read_input_tokens.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cached_token_count", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 0 }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cache_creation_input_tokens", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 0 }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cache_read_input_tokens", void 0);
__decorate([
    ApiProperty({ ...tokens, example: 640 }),
    __metadata("design:type", Object)
], InteractionView.prototype, "latency_ms", void 0);
__decorate([
    ApiProperty({ ...usd, example: 0.0000039, description: 'USD; null while or when nobody knows.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cost_usd", void 0);
__decorate([
    ApiProperty({ ...usd, example: 0.0000039, description: 'USD that the same tokens cost without a cache.' }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cost_without_cache_usd", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: false }),
    __metadata("design:type", Boolean)
], InteractionView.prototype, "uses_prompt_caching", void 0);
__decorate([
    ApiProperty({ type: 'integer', nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "cache_ttl_seconds", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: false }),
    __metadata("design:type", Boolean)
], InteractionView.prototype, "cache_hit", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "error_code", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "error_message", void 0);
__decorate([
    ApiProperty({
        type: 'integer',
        minimum: 0,
        example: 0,
        description: 'Failed attempts at the same call before this one; each has its own row.',
    }),
    __metadata("design:type", Number)
], InteractionView.prototype, "retry_count", void 0);
__decorate([
    ApiProperty({ type: Number, minimum: 0, maximum: 1, nullable: true, example: null }),
    __metadata("design:type", Object)
], InteractionView.prototype, "confidence", void 0);
__decorate([
    ApiProperty({
        type: String,
        nullable: true,
        example: 'req_011CSHoEeqs5C35K2UUqR7Fy',
        description: "The provider's own id of the request.",
    }),
    __metadata("design:type", Object)
], InteractionView.prototype, "provider_request_id", void 0);
export class InteractionDetail extends InteractionView {
    response;
}
__decorate([
    ApiProperty({
        nullable: true,
        example: null,
        description: 'The parsed structured output, when one was asked for.',
        oneOf: [
            { type: 'object', additionalProperties: true },
            { type: 'array', items: {} },
            { type: 'string' },
            { type: 'number' },
            { type: 'boolean' },
        ],
    }),
    __metadata("design:type", Object)
], InteractionDetail.prototype, "response", void 0);
export class InteractionPage {
    items;
    next_cursor;
}
__decorate([
    ApiProperty({ type: [InteractionView] }),
    __metadata("design:type", Array)
], InteractionPage.prototype, "items", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' }),
    __metadata("design:type", Object)
], InteractionPage.prototype, "next_cursor", void 0);
//# sourceMappingURL=interaction.dto.js.map