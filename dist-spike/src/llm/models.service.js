var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ModelCatalog } from './model-catalog.js';
import { LlmProvider } from './providers/provider.js';
/** The catalog as the API shows it. */
let Models = class Models {
    catalog;
    provider;
    config;
    constructor(catalog, provider, config) {
        this.catalog = catalog;
        this.provider = provider;
        this.config = config;
    }
    list() {
        const isDefault = (model) => [model.id, ...model.aliases].includes(this.config.llm.defaultModel);
        const items = this.catalog.list().map((model) => viewOf(model, isDefault(model)));
        return { items, next_cursor: null, provider: this.provider.name };
    }
};
Models = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [ModelCatalog,
        LlmProvider,
        AppConfig])
], Models);
export { Models };
const viewOf = (model, isDefault) => ({
    id: model.id,
    display_name: model.displayName,
    lifecycle: model.lifecycle,
    aliases: [...model.aliases],
    limits: { context_window: model.contextWindow, max_output_tokens: model.maxOutputTokens },
    prices: (model.price ?? []).map(priceOf),
    is_default: isDefault,
});
const priceOf = (tier) => ({
    above_input_tokens: tier.aboveInputTokens,
    input: tier.input.toNumber(),
    output: tier.output.toNumber(),
    cache_write_5m: tier.cacheWrite5m.toNumber(),
    cache_write_1h: tier.cacheWrite1h.toNumber(),
    cache_read: tier.cacheRead.toNumber(),
});
//# sourceMappingURL=models.service.js.map