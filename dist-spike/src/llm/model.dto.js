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
export class ModelPriceView {
    above_input_tokens;
    input;
    output;
    cache_write_5m;
    cache_write_1h;
    cache_read;
}
__decorate([
    ApiProperty({
        type: 'integer',
        example: 0,
        description: 'Prices every token of a request with more input tokens than this.',
    }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "above_input_tokens", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.1, description: 'USD per million tokens, as all prices here.' }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "input", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.5 }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "output", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.125, description: 'Writing to the cache for 5 minutes.' }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "cache_write_5m", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.2, description: 'Writing to the cache for an hour.' }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "cache_write_1h", void 0);
__decorate([
    ApiProperty({ type: Number, example: 0.01 }),
    __metadata("design:type", Number)
], ModelPriceView.prototype, "cache_read", void 0);
export class ModelLimits {
    context_window;
    max_output_tokens;
}
__decorate([
    ApiProperty({ type: 'integer', example: 1_000_000, description: 'Tokens of input and output together.' }),
    __metadata("design:type", Number)
], ModelLimits.prototype, "context_window", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 128_000, description: 'The most max_tokens can be.' }),
    __metadata("design:type", Number)
], ModelLimits.prototype, "max_output_tokens", void 0);
export class ModelView {
    id;
    display_name;
    lifecycle;
    aliases;
    limits;
    prices;
    is_default;
}
__decorate([
    ApiProperty({ type: String, example: 'claude-haiku-5-5' }),
    __metadata("design:type", String)
], ModelView.prototype, "id", void 0);
__decorate([
    ApiProperty({ type: String, example: 'Claude Haiku 5.5' }),
    __metadata("design:type", String)
], ModelView.prototype, "display_name", void 0);
__decorate([
    ApiProperty({ enum: ['current', 'legacy'], enumName: 'ModelLifecycle', example: 'current' }),
    __metadata("design:type", String)
], ModelView.prototype, "lifecycle", void 0);
__decorate([
    ApiProperty({
        type: [String],
        example: ['claude-3-haiku-20240307'],
        description: 'Retired ids that this model answers.',
    }),
    __metadata("design:type", Array)
], ModelView.prototype, "aliases", void 0);
__decorate([
    ApiProperty({ type: ModelLimits }),
    __metadata("design:type", ModelLimits)
], ModelView.prototype, "limits", void 0);
__decorate([
    ApiProperty({
        type: [ModelPriceView],
        description: 'One or more tiers. Empty: without a price, so calls are refused with MODEL_UNPRICED.',
    }),
    __metadata("design:type", Array)
], ModelView.prototype, "prices", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: true, description: 'What answers when a call names no model.' }),
    __metadata("design:type", Boolean)
], ModelView.prototype, "is_default", void 0);
export class ModelList {
    items;
    next_cursor;
    provider;
}
__decorate([
    ApiProperty({ type: [ModelView] }),
    __metadata("design:type", Array)
], ModelList.prototype, "items", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null, description: 'Always null: all models are on one page.' }),
    __metadata("design:type", void 0)
], ModelList.prototype, "next_cursor", void 0);
__decorate([
    ApiProperty({
        type: String,
        example: 'anthropic',
        description: 'Who answers calls now; offline charges nothing, whatever the price.',
    }),
    __metadata("design:type", String)
], ModelList.prototype, "provider", void 0);
//# sourceMappingURL=model.dto.js.map