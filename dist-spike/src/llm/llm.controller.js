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
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../auth/access.decorators.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { Idempotent } from '../http/idempotency/idempotent.decorator.js';
import { UuidParam } from '../http/uuid-param.js';
import { GenerateRequest, GenerateResponse } from './generate/generate.dto.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionDetail, InteractionPage, InteractionQuery } from './interactions/interaction.dto.js';
import { Interactions } from './interactions/interactions.service.js';
import { ModelList } from './model.dto.js';
import { Models } from './models.service.js';
let LlmController = class LlmController {
    generation;
    models;
    interactions;
    constructor(generation, models, interactions) {
        this.generation = generation;
        this.models = models;
        this.interactions = interactions;
    }
    generate(body, principal) {
        return this.generation.generate(body, principal);
    }
    listModels() {
        return this.models.list();
    }
    listInteractions(query) {
        return this.interactions.list(query);
    }
    getInteraction(id) {
        return this.interactions.get(id);
    }
};
__decorate([
    Post('generate'),
    HttpCode(200),
    Requires('operator'),
    Idempotent(),
    ApiOperation({
        summary: 'Ask a model',
        description: 'One call, reserved for in the day’s budget before it is sent and written down whatever comes of it. An answer that the model refused or that was cut off is a 200 with success false. Streaming is not available yet.',
    }),
    ApiOkResponse({ type: GenerateResponse }),
    ApiProblems('BUDGET_EXCEEDED', 'UNKNOWN_MODEL', 'MODEL_UNPRICED', 'LLM_UPSTREAM', 'LLM_UNAVAILABLE'),
    __param(0, Body()),
    __param(1, CurrentPrincipal()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [GenerateRequest, Object]),
    __metadata("design:returntype", Promise)
], LlmController.prototype, "generate", null);
__decorate([
    Get('models'),
    Requires('viewer'),
    ApiOperation({ summary: 'List the models with prices and limits' }),
    ApiOkResponse({ type: ModelList }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], LlmController.prototype, "listModels", null);
__decorate([
    Get('interactions'),
    Requires('viewer'),
    ApiOperation({
        summary: 'List model calls, newest first',
        description: 'Every attempt is a row, also those that failed.',
    }),
    ApiOkResponse({ type: InteractionPage }),
    __param(0, Query()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [InteractionQuery]),
    __metadata("design:returntype", Promise)
], LlmController.prototype, "listInteractions", null);
__decorate([
    Get('interactions/:id'),
    Requires('viewer'),
    ApiOperation({ summary: 'Get one model call with its whole texts' }),
    ApiOkResponse({ type: InteractionDetail }),
    __param(0, UuidParam()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String]),
    __metadata("design:returntype", Promise)
], LlmController.prototype, "getInteraction", null);
LlmController = __decorate([
    ApiTags('llm'),
    Controller('api/v1/llm'),
    __metadata("design:paramtypes", [GenerateService,
        Models,
        Interactions])
], LlmController);
export { LlmController };
//# sourceMappingURL=llm.controller.js.map