import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { EventsModule } from '../events/events.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { LlmModule } from '../llm/llm.module.js';
import { MotivationModule } from '../motivation/motivation.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { AboutService } from './about.service.js';
import { ClockHealth } from './components/clock.health.js';
import { DatabaseHealth } from './components/database.health.js';
import { DurableHealth } from './components/durable.health.js';
import { EngineHealth } from './components/engine.health.js';
import { LlmHealth } from './components/llm.health.js';
import { ProcessHealth } from './components/process.health.js';
import { SandboxHealth } from './components/sandbox.health.js';
import { HEALTH_COMPONENTS, type HealthComponent } from './health-component.js';
import { HealthService } from './health.service.js';
import { LiveStatus } from './live/live-status.js';
import { StatusGateway } from './live/status.gateway.js';
import { BreakerMetrics } from './metrics/breaker-metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { QueueMetrics } from './metrics/queue-metrics.js';
import { RootController } from './root.controller.js';
import { Replicas } from './replicas/replicas.service.js';
import { RuntimeConfigController } from './runtime-config.controller.js';
import { RuntimeConfig } from './runtime-config.service.js';
import { EventLoopDelay } from './stats/event-loop-delay.js';
import { StatusRollUp } from './stats/status-roll-up.js';
import { SystemStatistics } from './stats/system-stats.service.js';
import { SystemController } from './system.controller.js';

/** The parts that health is made of, in the order in which answers list them. */
const COMPONENTS = [DatabaseHealth, ClockHealth, ProcessHealth, LlmHealth, DurableHealth, EngineHealth, SandboxHealth];

@Module({
  imports: [DurableModule, EventsModule, LlmModule, MotivationModule, SettingsModule, ToolsModule],
  controllers: [RootController, MetricsController, SystemController, RuntimeConfigController],
  providers: [
    AboutService,
    HealthService,
    RuntimeConfig,
    LiveStatus,
    StatusGateway,
    Replicas,
    EventLoopDelay,
    StatusRollUp,
    SystemStatistics,
    QueueMetrics,
    BreakerMetrics,
    ...COMPONENTS,
    {
      provide: HEALTH_COMPONENTS,
      useFactory: (...components: HealthComponent[]): HealthComponent[] => components,
      inject: COMPONENTS,
    },
  ],
})
export class SystemModule {
  constructor(recovery: Recovery, rollUp: StatusRollUp) {
    recovery.onSweep(() => rollUp.runWhenDue());
  }
}
