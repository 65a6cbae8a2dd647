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
import { LlmProvider } from '../../llm/providers/provider.js';
let LlmHealth = class LlmHealth {
    provider;
    name = 'llm';
    importance = 'supporting';
    complaint = 'No model can be asked.';
    constructor(provider) {
        this.provider = provider;
    }
    /** Which provider answers. No call is made for it: a probe must not cost money. */
    check() {
        return { status: 'healthy', provider: this.provider.name };
    }
};
LlmHealth = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [LlmProvider])
], LlmHealth);
export { LlmHealth };
//# sourceMappingURL=llm.health.js.map