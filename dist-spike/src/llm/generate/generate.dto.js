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
import { IsBoolean, IsInt, IsNumber, IsOptional, IsString, IsUUID, Length, Max, MaxLength, Min } from 'class-validator';
const MAX_PROMPT_LENGTH = 200_000;
export class GenerateRequest {
    system_prompt;
    user_prompt;
    model;
    max_tokens;
    temperature;
    use_native_caching;
    stream;
    thought_tree_id;
    session_id;
    agent_id;
}
__decorate([
    ApiPropertyOptional({
        type: String,
        maxLength: MAX_PROMPT_LENGTH,
        nullable: true,
        example: 'Answer in one short sentence.',
        description: 'At least one of the two prompts is given and not empty; a lone system prompt goes as the user turn.',
    }),
    IsOptional(),
    IsString(),
    MaxLength(MAX_PROMPT_LENGTH),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "system_prompt", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        maxLength: MAX_PROMPT_LENGTH,
        nullable: true,
        example: 'Name the capital of France.',
    }),
    IsOptional(),
    IsString(),
    MaxLength(MAX_PROMPT_LENGTH),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "user_prompt", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        minLength: 1,
        maxLength: 100,
        nullable: true,
        example: 'claude-haiku-5-5',
        description: 'Default: LLM_DEFAULT_MODEL. Retired ids are answered by the current model of their line, with a warning.',
    }),
    IsOptional(),
    IsString(),
    Length(1, 100),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "model", void 0);
__decorate([
    ApiPropertyOptional({
        type: 'integer',
        minimum: 1,
        default: 4096,
        nullable: true,
        description: "Up to the model's limit.",
    }),
    IsOptional(),
    IsInt(),
    Min(1),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "max_tokens", void 0);
__decorate([
    ApiPropertyOptional({
        type: Number,
        minimum: 0,
        maximum: 1,
        default: 0.7,
        nullable: true,
        description: 'Taken for old clients, and not sent on: the models refuse it. When given, a warning says so.',
    }),
    IsOptional(),
    IsNumber({ allowInfinity: false, allowNaN: false }),
    Min(0),
    Max(1),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "temperature", void 0);
__decorate([
    ApiPropertyOptional({
        type: Boolean,
        default: true,
        nullable: true,
        description: 'Lets the provider keep the system prompt for 5 minutes, when there are both prompts.',
    }),
    IsOptional(),
    IsBoolean(),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "use_native_caching", void 0);
__decorate([
    ApiPropertyOptional({
        type: Boolean,
        default: false,
        nullable: true,
        description: 'Streaming is not there yet: true is refused with VALIDATION_ERROR, naming this field.',
    }),
    IsOptional(),
    IsBoolean(),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "stream", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        format: 'uuid',
        nullable: true,
        description: 'A thought that the call is shown with.',
    }),
    IsOptional(),
    IsUUID(),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "thought_tree_id", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        minLength: 1,
        maxLength: 100,
        nullable: true,
        description: "The caller's own name for a series of calls.",
    }),
    IsOptional(),
    IsString(),
    Length(1, 100),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "session_id", void 0);
__decorate([
    ApiPropertyOptional({
        type: String,
        format: 'uuid',
        nullable: true,
        description: 'An agent that the call is shown with.',
    }),
    IsOptional(),
    IsUUID(),
    __metadata("design:type", Object)
], GenerateRequest.prototype, "agent_id", void 0);
export class GenerateUsage {
    input_tokens;
    output_tokens;
    cache_creation_input_tokens;
    cache_read_input_tokens;
    total_cost_usd;
    cost_without_cache_usd;
}
__decorate([
    ApiProperty({
        type: 'integer',
        example: 14,
        description: 'Fresh input; the whole input is the sum of the three input figures.',
    }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "input_tokens", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 5 }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "output_tokens", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 0 }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "cache_creation_input_tokens", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 0 }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "cache_read_input_tokens", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.0000039 }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "total_cost_usd", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.0000039 }),
    __metadata("design:type", Number)
], GenerateUsage.prototype, "cost_without_cache_usd", void 0);
export class GenerateResponse {
    content;
    success;
    cached;
    model;
    provider;
    stop_reason;
    interaction_id;
    latency_ms;
    warnings;
    usage;
}
__decorate([
    ApiProperty({ type: String, example: 'Paris.' }),
    __metadata("design:type", String)
], GenerateResponse.prototype, "content", void 0);
__decorate([
    ApiProperty({
        type: Boolean,
        example: true,
        description: 'False when the model refused or the answer was cut off; `warnings` says which.',
    }),
    __metadata("design:type", Boolean)
], GenerateResponse.prototype, "success", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: false, description: "Whether input was read from the provider's cache." }),
    __metadata("design:type", Boolean)
], GenerateResponse.prototype, "cached", void 0);
__decorate([
    ApiProperty({ type: String, example: 'claude-haiku-5-5' }),
    __metadata("design:type", String)
], GenerateResponse.prototype, "model", void 0);
__decorate([
    ApiProperty({ type: String, example: 'anthropic' }),
    __metadata("design:type", String)
], GenerateResponse.prototype, "provider", void 0);
__decorate([
    ApiProperty({ type: String, example: 'end_turn' }),
    __metadata("design:type", String)
], GenerateResponse.prototype, "stop_reason", void 0);
__decorate([
    ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' }),
    __metadata("design:type", String)
], GenerateResponse.prototype, "interaction_id", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 640 }),
    __metadata("design:type", Number)
], GenerateResponse.prototype, "latency_ms", void 0);
__decorate([
    ApiProperty({ type: [String], example: [] }),
    __metadata("design:type", Array)
], GenerateResponse.prototype, "warnings", void 0);
__decorate([
    ApiProperty({ type: GenerateUsage }),
    __metadata("design:type", GenerateUsage)
], GenerateResponse.prototype, "usage", void 0);
//# sourceMappingURL=generate.dto.js.map