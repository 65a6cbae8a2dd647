var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { BudgetService } from './budget/budget.service.js';
import { CallReservations } from './call-reservations.js';
import { CallSettlement } from './call-settlement.js';
import { LlmGateway } from './gateway.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionLog } from './interactions/interaction-log.js';
import { Interactions } from './interactions/interactions.service.js';
import { LlmController } from './llm.controller.js';
import { ModelCatalog } from './model-catalog.js';
import { Models } from './models.service.js';
import { AnthropicProvider } from './providers/anthropic.provider.js';
import { OfflineProvider } from './providers/offline/offline.provider.js';
import { LlmProvider } from './providers/provider.js';
/** The provider is Anthropic's API (or what stands at its base URL) when there is a key, else the offline rules. */
const chooseProvider = ({ llm: { apiKey, baseUrl } }) => apiKey === undefined ? new OfflineProvider() : new AnthropicProvider({ apiKey, baseUrl });
let LlmModule = class LlmModule {
    constructor(recovery, gateway) {
        recovery.onExecutorLost(async (executorId) => {
            await gateway.recoverReservations(executorId);
        });
    }
};
LlmModule = __decorate([
    Module({
        imports: [DurableModule],
        controllers: [LlmController],
        providers: [
            { provide: ModelCatalog, useFactory: () => new ModelCatalog() },
            { provide: LlmProvider, inject: [AppConfig], useFactory: chooseProvider },
            BudgetService,
            InteractionLog,
            CallReservations,
            CallSettlement,
            LlmGateway,
            GenerateService,
            Interactions,
            Models,
        ],
        exports: [LlmGateway, LlmProvider, ModelCatalog, BudgetService],
    }),
    __metadata("design:paramtypes", [Recovery, LlmGateway])
], LlmModule);
export { LlmModule };
//# sourceMappingURL=llm.module.js.map