import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { BudgetService } from './budget/budget.service.js';
import { CallReservations } from './call-reservations.js';
import { CallSettlement } from './call-settlement.js';
import { LlmGateway } from './gateway.js';
import { BreakerReport } from './guards/breaker-report.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionLog } from './interactions/interaction-log.js';
import { Interactions } from './interactions/interactions.service.js';
import { LlmController } from './llm.controller.js';
import { ModelCatalog } from './model-catalog.js';
import { Models } from './models.service.js';
import { AnthropicProvider } from './providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from './providers/offline/offline.provider.js';
import { LlmProvider } from './providers/provider.js';
import { Costs } from './stats/costs.service.js';
import { StatsController } from './stats/stats.controller.js';
import { Stats } from './stats/stats.service.js';
import { UsageCompaction } from './stats/usage-compaction.js';

/** The provider is Anthropic's API (or what stands at its base URL) when there is a key, else the offline rules. */
const chooseProvider = ({ llm: { apiKey, baseUrl } }: AppConfig): LlmProvider =>
  apiKey === undefined ? new OfflineProvider() : new AnthropicProvider({ apiKey, baseUrl });

@Module({
  imports: [DurableModule],
  controllers: [LlmController, StatsController],
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
    // Nothing breaks a circuit yet.
    { provide: BreakerReport, useValue: { list: () => [] } satisfies BreakerReport },
    UsageCompaction,
    Stats,
    Costs,
  ],
  exports: [LlmGateway, LlmProvider, ModelCatalog, BudgetService],
})
export class LlmModule {
  constructor(recovery: Recovery, gateway: LlmGateway, compaction: UsageCompaction) {
    recovery.onExecutorLost(async (executorId) => {
      await gateway.recoverReservations(executorId);
    });
    recovery.onSweep(async () => {
      await compaction.run();
    });
  }
}
