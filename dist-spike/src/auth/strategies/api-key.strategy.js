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
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { ApiKeys } from '../api-keys.service.js';
import { presentedApiKey } from './bearer.rules.js';
export const API_KEY_STRATEGY = 'api-key';
/** API keys, as `X-API-Key` or as Bearer. */
let ApiKeyStrategy = class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
    apiKeys;
    constructor(apiKeys) {
        super();
        this.apiKeys = apiKeys;
    }
    async validate(request) {
        const key = presentedApiKey(request.headers);
        return key === undefined ? false : ((await this.apiKeys.principalFor(key)) ?? false);
    }
};
ApiKeyStrategy = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [ApiKeys])
], ApiKeyStrategy);
export { ApiKeyStrategy };
//# sourceMappingURL=api-key.strategy.js.map