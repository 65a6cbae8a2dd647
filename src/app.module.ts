import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import type { AppConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DurableModule } from './durable/durable.module.js';
import { entities } from './entities.js';
import { EventsModule } from './events/events.module.js';
import { HttpModule } from './http/http.module.js';
import { LlmModule } from './llm/llm.module.js';
import { MotivationModule } from './motivation/motivation.module.js';
import { OrchestratorModule } from './orchestrator/orchestrator.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SystemModule } from './system/system.module.js';
import { ToolsModule } from './tools/tools.module.js';

/** Every module of NYX. */
@Module({})
export class AppModule {
  /** @param config with `database.url` set: the database runs before the application starts */
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot(entities),
        HttpModule,
        SettingsModule,
        AuthModule,
        DurableModule,
        EventsModule,
        LlmModule,
        ToolsModule,
        OrchestratorModule,
        MotivationModule,
        SystemModule,
      ],
    };
  }
}
