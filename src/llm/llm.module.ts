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
import { PromptTemplates } from './prompt-templates/prompt-templates.service.js';
import { PromptTemplatesController } from './prompt-templates/prompt-templates.controller.js';
import { TemplateUsage } from './prompt-templates/template-usage.js';
import { TemplateVersions } from './prompt-templates/template-versions.service.js';
import { AnthropicProvider } from './providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from './providers/offline/offline.provider.js';
import { LlmProvider } from './providers/provider.js';

/** The provider is Anthropic's API (or what stands at its base URL) when there is a key, else the offline rules. */
const chooseProvider = ({ llm: { apiKey, baseUrl } }: AppConfig): LlmProvider =>
  apiKey === undefined ? new OfflineProvider() : new AnthropicProvider({ apiKey, baseUrl });

@Module({
  imports: [DurableModule],
  controllers: [LlmController, PromptTemplatesController],
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
    PromptTemplates,
    TemplateVersions,
    TemplateUsage,
  ],
  exports: [LlmGateway, LlmProvider, ModelCatalog, BudgetService, PromptTemplates],
})
export class LlmModule {
  constructor(recovery: Recovery, gateway: LlmGateway) {
    recovery.onExecutorLost(async (executorId) => {
      await gateway.recoverReservations(executorId);
    });
  }
}
