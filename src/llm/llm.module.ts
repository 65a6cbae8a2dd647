import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { EventsModule } from '../events/events.module.js';
import { BudgetService } from './budget/budget.service.js';
import { BudgetsController } from './budget/budgets.controller.js';
import { Budgets } from './budget/budgets.service.js';
import { ReservationsController } from './budget/reservations.controller.js';
import { Reservations } from './budget/reservations.service.js';
import { CallReservations } from './call-reservations.js';
import { CallSettlement } from './call-settlement.js';
import { LlmGateway } from './gateway.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionLog } from './interactions/interaction-log.js';
import { Interactions } from './interactions/interactions.service.js';
import { LlmController } from './llm.controller.js';
import { ModelCatalog } from './model-catalog.js';
import { Models } from './models.service.js';
import { AnthropicProvider } from './providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from './providers/offline/offline.provider.js';
import { LlmProvider } from './providers/provider.js';

/** The provider is Anthropic's API (or what stands at its base URL) when there is a key, else the offline rules. */
const chooseProvider = ({ llm: { apiKey, baseUrl } }: AppConfig): LlmProvider =>
  apiKey === undefined ? new OfflineProvider() : new AnthropicProvider({ apiKey, baseUrl });

@Module({
  imports: [DurableModule, EventsModule],
  controllers: [LlmController, BudgetsController, ReservationsController],
  providers: [
    { provide: ModelCatalog, useFactory: () => new ModelCatalog() },
    { provide: LlmProvider, inject: [AppConfig], useFactory: chooseProvider },
    BudgetService,
    Budgets,
    Reservations,
    InteractionLog,
    CallReservations,
    CallSettlement,
    LlmGateway,
    GenerateService,
    Interactions,
    Models,
  ],
  exports: [LlmGateway, LlmProvider, ModelCatalog, BudgetService],
})
export class LlmModule {
  constructor(recovery: Recovery, gateway: LlmGateway) {
    recovery.onExecutorLost(async (executorId) => {
      await gateway.recoverReservations(executorId);
    });
  }
}
