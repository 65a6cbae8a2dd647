import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AppConfig } from '../config/app-config.js';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { EventsModule } from '../events/events.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { BudgetService } from './budget/budget.service.js';
import { BudgetsController } from './budget/budgets.controller.js';
import { Budgets } from './budget/budgets.service.js';
import { ReservationsController } from './budget/reservations.controller.js';
import { Reservations } from './budget/reservations.service.js';
import { CallAdmission } from './call-admission.js';
import { CallPlanner } from './call-planner.js';
import { CallReservations } from './call-reservations.js';
import { CallSender } from './call-sender.js';
import { CallSettlement } from './call-settlement.js';
import { CallTelemetry } from './call-telemetry.js';
import { LlmGateway } from './gateway.js';
import { EmergencyStop } from './guards/emergency-stop.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionLog } from './interactions/interaction-log.js';
import { CircuitBreakers } from './guards/circuit-breakers.js';
import { Interactions } from './interactions/interactions.service.js';
import { LlmController } from './llm.controller.js';
import { catalogOf, ModelCatalog } from './model-catalog.js';
import { ModelRefresh } from './model-refresh.service.js';
import { Models } from './models.service.js';
import { PromptTemplates } from './prompt-templates/prompt-templates.service.js';
import { PromptTemplatesController } from './prompt-templates/prompt-templates.controller.js';
import { TemplateUsage } from './prompt-templates/template-usage.js';
import { TemplateVersions } from './prompt-templates/template-versions.service.js';
import { AnthropicProvider } from './providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from './providers/offline/offline.provider.js';
import { LlmProvider } from './providers/provider.js';
import { Costs } from './stats/costs.service.js';
import { StatsController } from './stats/stats.controller.js';
import { Stats } from './stats/stats.service.js';
import { UsageCompaction } from './stats/usage-compaction.js';
import { UsageSummary } from './stats/usage-summary.js';

/** The provider is Anthropic's API (or what stands at its base URL) when there is a key, else the offline rules. */
const chooseProvider = ({ llm: { apiKey, baseUrl } }: AppConfig): LlmProvider =>
  apiKey === undefined ? new OfflineProvider() : new AnthropicProvider({ apiKey, baseUrl });

@Module({
  imports: [AuthModule, DurableModule, EventsModule, SettingsModule],
  controllers: [LlmController, StatsController, BudgetsController, ReservationsController, PromptTemplatesController],
  providers: [
    { provide: ModelCatalog, inject: [AppConfig], useFactory: catalogOf },
    { provide: LlmProvider, inject: [AppConfig], useFactory: chooseProvider },
    EmergencyStop,
    BudgetService,
    Budgets,
    Reservations,
    InteractionLog,
    CircuitBreakers,
    CallPlanner,
    CallAdmission,
    CallReservations,
    CallSender,
    CallSettlement,
    CallTelemetry,
    LlmGateway,
    GenerateService,
    Interactions,
    Models,
    ModelRefresh,
    PromptTemplates,
    TemplateVersions,
    TemplateUsage,
    UsageCompaction,
    Stats,
    Costs,
    UsageSummary,
  ],
  exports: [
    CircuitBreakers,
    LlmGateway,
    LlmProvider,
    ModelCatalog,
    BudgetService,
    EmergencyStop,
    PromptTemplates,
    UsageSummary,
    UsageCompaction,
  ],
})
export class LlmModule {
  constructor(recovery: Recovery, gateway: LlmGateway, compaction: UsageCompaction) {
    recovery.onExecutorLost(async (executorId) => {
      await gateway.recoverReservations(executorId);
    });
    recovery.onSweep(() => gateway.recoverLeftReservations());
    recovery.onSweep(async () => {
      await compaction.run();
    });
  }
}
