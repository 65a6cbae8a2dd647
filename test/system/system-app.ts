import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { appOptions, setupApp } from '../../src/app.setup.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { configOf } from '../../src/config/load-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { DurableModule } from '../../src/durable/durable.module.js';
import { entities } from '../../src/entities.js';
import { HttpModule } from '../../src/http/http.module.js';
import { LlmModule } from '../../src/llm/llm.module.js';
import { MotivationModule } from '../../src/motivation/motivation.module.js';
import { SystemModule } from '../../src/system/system.module.js';
import { ToolsModule } from '../../src/tools/tools.module.js';
import { newTestFolder } from '../support/test-cluster.js';

export const KEY = 'the-key-that-this-deployment-has-fixed';

const configFor = (databaseUrl: string, folder: string): AppConfig => {
  const variables = {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    NYX_API_KEY: KEY,
    NYX_API_KEY_ROLE: 'viewer',
    LOG_LEVEL: 'silent',
    RATE_LIMIT_PER_MINUTE: '0',
  };
  const config = configOf(variables, folder);
  return Object.assign(config, { database: { ...config.database, poolSize: 4 } });
};

/** What `SystemModule` looks at, behind the real doors. */
export async function startSystemApp(databaseUrl: string): Promise<NestExpressApplication> {
  const config = configFor(databaseUrl, await newTestFolder());

  @Module({
    imports: [
      ConfigModule.forRoot(config),
      DatabaseModule.forRoot(entities),
      HttpModule,
      AuthModule,
      DurableModule,
      LlmModule,
      ToolsModule,
      MotivationModule,
      SystemModule,
    ],
  })
  class SystemApp {}

  const app = await NestFactory.create<NestExpressApplication>(SystemApp, appOptions(config));
  setupApp(app, config);
  await app.listen(0, '127.0.0.1');
  return app;
}
