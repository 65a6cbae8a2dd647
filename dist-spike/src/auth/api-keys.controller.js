var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../http/page-query.dto.js';
import { UuidParam } from '../http/uuid-param.js';
import { CurrentPrincipal, Requires } from './access.decorators.js';
import { ApiKeys } from './api-keys.service.js';
import { ApiKeyPage, CreateApiKey, CreatedApiKey } from './dto/api-key.dto.js';
let ApiKeysController = class ApiKeysController {
    apiKeys;
    constructor(apiKeys) {
        this.apiKeys = apiKeys;
    }
    listApiKeys(query) {
        return this.apiKeys.list(query);
    }
    createApiKey(body, principal) {
        return this.apiKeys.create(body, principal);
    }
    deleteApiKey(id) {
        return this.apiKeys.revoke(id);
    }
};
__decorate([
    Get(),
    ApiOperation({ summary: 'List API keys, newest first' }),
    ApiOkResponse({ type: ApiKeyPage }),
    __param(0, Query()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [PageQuery]),
    __metadata("design:returntype", Promise)
], ApiKeysController.prototype, "listApiKeys", null);
__decorate([
    Post(),
    ApiOperation({ summary: 'Make an API key; the answer shows it once' }),
    ApiCreatedResponse({ type: CreatedApiKey }),
    __param(0, Body()),
    __param(1, CurrentPrincipal()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [CreateApiKey, Object]),
    __metadata("design:returntype", Promise)
], ApiKeysController.prototype, "createApiKey", null);
__decorate([
    Delete(':id'),
    HttpCode(204),
    ApiOperation({ summary: 'Revoke an API key' }),
    ApiNoContentResponse({ description: 'The key is refused from now on.' }),
    __param(0, UuidParam()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String]),
    __metadata("design:returntype", Promise)
], ApiKeysController.prototype, "deleteApiKey", null);
ApiKeysController = __decorate([
    ApiTags('auth'),
    Requires('admin'),
    Controller('api/v1/auth/api-keys'),
    __metadata("design:paramtypes", [ApiKeys])
], ApiKeysController);
export { ApiKeysController };
//# sourceMappingURL=api-keys.controller.js.map