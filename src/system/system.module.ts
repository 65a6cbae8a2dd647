import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { MotivationModule } from '../motivation/motivation.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { AboutService } from './about.service.js';
import { DatabaseHealth } from './components/database.health.js';
import { DurableHealth } from './components/durable.health.js';
import { EngineHealth } from './components/engine.health.js';
import { LlmHealth } from './components/llm.health.js';
import { ProcessHealth } from './components/process.health.js';
import { SandboxHealth } from './components/sandbox.health.js';
import { HEALTH_COMPONENTS, type HealthComponent } from './health-component.js';
import { HealthService } from './health.service.js';
import { RootController } from './root.controller.js';
import { RuntimeConfigController } from './runtime-config.controller.js';
import { RuntimeConfig } from './runtime-config.service.js';
import { SystemController } from './system.controller.js';

/** The parts that health is made of, in the order in which answers list them. */
const COMPONENTS = [DatabaseHealth, ProcessHealth, LlmHealth, DurableHealth, EngineHealth, SandboxHealth];

@Module({
  imports: [DurableModule, LlmModule, MotivationModule, SettingsModule],
  controllers: [RootController, SystemController, RuntimeConfigController],
  providers: [
    AboutService,
    HealthService,
    RuntimeConfig,
    ...COMPONENTS,
    {
      provide: HEALTH_COMPONENTS,
      useFactory: (...components: HealthComponent[]): HealthComponent[] => components,
      inject: COMPONENTS,
    },
  ],
})
export class SystemModule {}
